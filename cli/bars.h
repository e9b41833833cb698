#pragma once
// Numbers as horizontal bars of text.

#include <cstddef>
#include <string>
#include <vector>

namespace quern::cli {

/// One bar a value, the largest `width` columns wide, in eighths of a column; values at or below
/// zero and values that are no number have none. Blocks where the locale is UTF-8, else `#`.
std::vector<std::string> draw_bars(const std::vector<double>& values, std::size_t width);

/// True where blocks can be shown.
bool utf8_locale();

/// Columns of the terminal that `descriptor` is; 80 where it does not tell.
std::size_t terminal_width(int descriptor);

}  // namespace quern::cli
