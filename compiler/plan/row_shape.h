#pragma once
// The form of the rows in feature pages, known before the first one comes.

#include <cstddef>
#include <cstdint>

#include "compiler/ir/statement.h"

namespace quern::plan {

/// What a row carries beside its features and its label.
struct RowShape {
  bool weighted = false;
  bool marked = false;      ///< a mark by which split() tells its part
  bool drawn = false;       ///< a draw by which rows are ranked before they are marked
  bool grouped = false;     ///< the number of its group
  bool bounded = false;     ///< an upper bound of its label
  std::int32_t labels = 1;  ///< numbers of its label
  std::int32_t margins = 0;
  std::int32_t waiting = 0;  ///< doubles that become features when all rows have come
  std::size_t sparse = 0;    ///< groups of features of which a row has few
};

/// Of the rows that a training learns from.
RowShape row_shape(const ir::Train& statement);
/// Of rows by what they carry; nothing waits.
RowShape row_shape(const ir::RowExtras& extras, bool weighted, bool marked);

/// Columns of four bytes that a row takes in a page, the waiting doubles among them. Sparse entries
/// come on top.
std::int64_t row_columns(const RowShape& shape, std::int64_t features);

}  // namespace quern::plan
