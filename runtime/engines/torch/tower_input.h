#pragma once
// What one tower reads of the rows of a batch: its matrix, and the keys of its tables.

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/ir/network.h"
#include "runtime/engines/torch/layout.h"
#include "runtime/engines/torch/row_reader.h"
#include "runtime/engines/torch/table.h"

namespace quern::runtime::training {

/// A row of the batch; of a tower with sequences, a step of one.
struct Position {
  std::int64_t row = 0;  ///< of the block
  std::int32_t step = 0;
};

struct TowerInput {
  std::int64_t rows = 0;  ///< of the batch
  std::vector<Position> positions;
  std::vector<float> matrix;     ///< [positions, TowerLayout::columns]
  std::vector<float> added;      ///< [positions, TowerLayout::added]
  std::vector<Entries> entries;  ///< by piece

  /// Derivatives by matrix and added, from Graph::backward(); empty where they are not wanted.
  std::vector<float> matrix_slopes;
  std::vector<float> added_slopes;

  /// Of sequences, in torch's packed form: how many rows have a step 0, 1, ...; and the rows of the
  /// batch by falling length, those without a step left out.
  std::vector<std::int64_t> rows_at_step;
  std::vector<std::int64_t> order;
};

/// Fills `input` but for what is looked up. \param rows  of the block
void read_rows(const ir::Tower& tower, const TowerLayout& layout, const RowBlock& block,
               std::span<const std::int64_t> rows, TowerInput& input);

/// Adds what the tables hold of the keys.
void look_up(const TowerLayout& layout, std::span<const Table> tables, TowerInput& input);
/// Collects the tables' derivatives from those of `input`.
void collect(const TowerLayout& layout, const TowerInput& input, std::span<Table> tables);

}  // namespace quern::runtime::training
