#pragma once
// How a tower's blocks become matrices. Dense columns stand in a matrix; categories and groups stay
// sparse: what stands for their keys is looked up in tables. Behind blocks of zeros and ones and a
// first linear layer, the rows looked up are columns of that layer's weights, and are added to what
// it gives; so a million categories cost no more than those of a batch.

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/network.h"

namespace quern::runtime::training {

/// Where a block's values go.
struct Piece {
  std::size_t block = 0;
  std::int32_t column = 0;  ///< the first in the matrix; of no meaning where added
  std::int32_t width = 0;   ///< columns in the matrix, or of what is added
  std::int32_t table = -1;  ///< where its keys are looked up; -1: nowhere
  bool added = false;       ///< to the first layer's outputs
};

/// Weights by key, [rows, width]: an embedding, or columns of a linear layer's weights.
struct TableShape {
  std::string tensor;
  std::int64_t rows = 0;
  std::int32_t width = 0;
  /// Of columns of weights: the first of them in the tensor [width, columns]; else -1.
  std::int32_t first_column = -1;
};

struct TowerLayout {
  std::vector<Piece> pieces;
  std::int32_t columns = 0;  ///< of the matrix
  std::int32_t added = 0;    ///< floats a row that are added behind the first layer; 0: nothing is
  std::int32_t steps = 0;    ///< of its sequences; 0: it has none
  bool learns_columns = false;  ///< the matrix holds vectors that are learned
  /// Of a first linear layer: the place of each of the matrix's columns in its weights.
  std::vector<std::int32_t> weight_columns;
};

struct Layout {
  std::vector<TowerLayout> towers;
  std::vector<TableShape> tables;
};

Layout lay_out(const ir::Network& network);
/// The first tower as if nothing stood behind its blocks, so that all of them become columns.
TowerLayout lay_out_blocks(const ir::Network& network);

}  // namespace quern::runtime::training
