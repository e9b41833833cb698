#pragma once
// Text of a database on its way to a terminal: what could steer the terminal, or hide itself in it,
// is shown instead of obeyed.

#include <string>
#include <string_view>

namespace quern::cli {

/// The text on one line: \n, \r and \t for line breaks and tabs, \xHH for other control characters
/// and for bytes that are no UTF-8, \uHHHH for the controls beyond ASCII and for those that turn
/// the direction of writing.
std::string visible(std::string_view text);

/// The same, with line feeds and tabs as they are.
std::string visible_lines(std::string_view text);

}  // namespace quern::cli
