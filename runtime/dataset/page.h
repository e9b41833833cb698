#pragma once
// One page of rows, and the room for new ones in it.

#include <cstdint>
#include <optional>
#include <vector>

#include "codegen/interpret/sparse_rows.h"
#include "runtime/dataset/feature_block.h"
#include "runtime/dataset/sparse_block.h"

namespace quern::runtime {

/// Room for some rows, to be written before the next.
struct PageSlot {
  float* features;  ///< column-major: feature f of the slot's row r at [f * stride + r]
  std::int64_t stride;
  float* labels;         ///< column-major as features, where a label has several numbers
  float* weights;        ///< null when not weighted
  std::uint8_t* marks;   ///< the part of the row: 0 to learn from, 1 of validation, 2 of the test,
                         ///< or its fold; null when not marked
  std::uint64_t* draws;  ///< null when not drawn
  std::uint32_t* groups;
  float* upper_bounds;
  float* margins;                            ///< column-major as features
  double* waiting;                           ///< column-major as features, with the same stride
  std::vector<codegen::SparseRows>* sparse;  ///< of the page: rows are appended to each
};

/// Arrays of `capacity` values, or of so many columns of them, in one block; null where the shape
/// has none.
struct Page {
  FeatureBlock block;
  std::int64_t capacity = 0;
  std::int64_t rows = 0;
  float* features = nullptr;
  float* labels = nullptr;
  float* weights = nullptr;
  float* upper_bounds = nullptr;
  float* margins = nullptr;
  std::uint32_t* groups = nullptr;
  std::uint8_t* marks = nullptr;
  std::uint64_t* draws = nullptr;
  std::optional<FeatureBlock> waiting = {};  ///< of doubles, two floats each
  SparseBlock sparse;
  std::int64_t sparse_counted = 0;  ///< bytes of it that count as memory
};

}  // namespace quern::runtime
