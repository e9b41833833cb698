#pragma once
// The same charts with what is drawn as pictures: frames, names and numbers stay text, so that no
// font is needed and the chart can be copied.

#include <cstddef>
#include <string>
#include <vector>

#include "cli/charts/chart_data.h"
#include "cli/charts/image.h"
#include "cli/charts/picture_terminal.h"

namespace quern::cli {

/// An image in the blanks of a text.
struct PlacedPicture {
  std::size_t line = 0;  ///< the upper one, from 0
  std::size_t left = 0;  ///< columns in front of it
  std::size_t columns = 0;
  std::size_t rows = 0;
  Image image;
};

struct PictureChart {
  std::string text = {};  ///< lines with a line feed each; "" where there is nothing to draw
  std::vector<PlacedPicture> pictures = {};
};

/// Where a chart is shown.
struct PictureRoom {
  std::size_t columns = 0;
  std::size_t rows = 0;
  PictureTerminal terminal = {};
};

PictureChart picture_lines(const LineChart& chart, const PictureRoom& room);
PictureChart picture_report(Chart chart, const Schema& schema, const std::vector<ColumnBatch>& rows,
                            const PictureRoom& room);

/// The text, then the pictures in it, with the cursor behind the text again; "" where not all of it
/// is on the screen at once.
std::string painted(const PictureChart& chart, const PictureRoom& room);

}  // namespace quern::cli
