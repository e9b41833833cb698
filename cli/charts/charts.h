#pragma once
// Charts of a report's rows and of a training's rounds, in block and Braille characters.

#include <cstddef>
#include <string>
#include <vector>

#include "cli/charts/chart_data.h"

namespace quern::cli {

/// Lines of text with a line feed each, at most `columns` wide; "" where there is nothing to draw
/// or no room.
std::string draw_lines(const LineChart& chart, std::size_t columns, bool colour);

/// The chart of a report, or "" where its kind has none, its rows are too many or too few.
/// \param rows  all of them.
std::string draw_report(Chart chart, const Schema& schema, const std::vector<ColumnBatch>& rows,
                        std::size_t columns, bool colour);

}  // namespace quern::cli
