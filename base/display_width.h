#pragma once
// How wide a text stands on a terminal, which is neither its bytes nor its code points.

#include <cstddef>
#include <string_view>

namespace quern {

/// Columns that UTF-8 text takes in a fixed-width font: two for East Asian wide and full-width code
/// points and for emoji, none for combining marks, format and control characters, else one. A byte
/// that is no UTF-8 takes one. Needs no locale.
/// Rule: Unicode 14, East_Asian_Width W and F; general categories Mn, Me and Cf. Code points joined
/// into one picture (flags, families) count apart, as most terminals draw them.
std::size_t display_width(std::string_view text);

/// The longest beginning of `text` that is at most `columns` wide, in whole code points.
std::string_view prefix_within(std::string_view text, std::size_t columns);

}  // namespace quern
