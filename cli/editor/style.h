#pragma once
// The few colours that the program uses, from the sixteen that every terminal's owner has chosen.

#include <cstdint>
#include <string>
#include <string_view>

namespace quern::cli {

enum class Style : std::uint8_t {
  plain,
  keyword,
  clause,  ///< a word of our clauses
  string,
  number,
  comment,  ///< also what is said beside the text
  bracket,  ///< one of a pair that the cursor is at
  wrong,    ///< a bracket without a partner; an error's code and carets
  chosen,   ///< the candidate that is selected
  strong,
  hint,  ///< "help:" of a diagnostic
};

/// Behind a reset: "" for plain.
std::string_view escape_of(Style style);

/// The text in a style, and plain behind it; as it is where `colour` is not wanted.
std::string styled(std::string_view text, Style style, bool colour);

/// True where a stream may have colours: it is a terminal that has them, and NO_COLOR is not set or
/// empty.
bool colours(int descriptor);

}  // namespace quern::cli
