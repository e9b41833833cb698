#pragma once
// An image in the two forms in which terminals take one. Both are painted at the cursor, in the
// terminal's own cells, and leave what is not covered as it was.

#include <optional>
#include <string>

#include "cli/charts/image.h"

namespace quern::cli {

/// The graphics protocol of kitty: RGBA, compressed, in pieces of 4,096 letters; the terminal fits
/// it into so many cells, leaves the cursor where it is and does not answer.
std::string kitty_picture(const Image& image, std::size_t columns, std::size_t rows);

/// Sixel, as DEC's VT330 and VT340 (programmer reference, chapter 14): a point of the image is one
/// of the screen. At most 216 colours.
/// \param background  what soft edges fade into; unknown: edges are hard.
std::string sixel_picture(const Image& image, const std::optional<Colour>& background);

}  // namespace quern::cli
