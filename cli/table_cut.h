#pragma once
// Which columns of a table fit a terminal, and how wide they may be.

#include <cstddef>
#include <vector>

namespace quern::cli {

struct TableColumn {
  std::size_t width = 0;    ///< of its widest value and its name
  bool may_be_cut = false;  ///< text; a number without its end is another number
};

/// Columns in order; those left out are replaced by one narrow gap in front of the last one.
struct TableCut {
  std::vector<std::size_t> shown;   ///< indexes of columns
  std::vector<std::size_t> widths;  ///< of the shown ones
  std::size_t left_out = 0;
};

/// A table that fits is not changed. Else text is cut, the widest first but to no less than ten
/// columns; where that is not enough, columns are left out, the last one never.
/// \param columns  of the terminal; 0: any number.
TableCut cut_table(const std::vector<TableColumn>& table, std::size_t columns);

}  // namespace quern::cli
