#pragma once
// The form of the rows in feature pages.

#include <cstddef>
#include <cstdint>

namespace quern::runtime {

/// What a row carries beside its features and its label.
struct RowShape {
  bool weighted = false;
  bool marked = false;   ///< a mark by which split() tells its part
  bool drawn = false;    ///< a draw by which rows are ranked before they are marked
  bool grouped = false;  ///< the number of its group
  bool bounded = false;  ///< an upper bound of its label
  std::int32_t margins = 0;
  std::int32_t waiting = 0;  ///< doubles that become features when all rows have come
  std::size_t sparse = 0;    ///< groups of features of which a row has few
};

}  // namespace quern::runtime
