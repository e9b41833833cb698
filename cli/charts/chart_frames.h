#pragma once
// What stands around a drawing: titles, axes, names and numbers. It is text, whatever the drawing
// is made of.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cli/charts/chart_data.h"

namespace quern::cli {

constexpr std::size_t kPlotRows = 12;  ///< of text, that curves are drawn in
constexpr std::size_t kPlotLeft = 11;  ///< columns in front of them
constexpr std::size_t kMostClasses = 12;
constexpr std::size_t kMostFeatures = 12;

/// Columns for the curves of a chart where a line has so many; 0: no room, or nothing to draw.
std::size_t plot_width(const LineChart& chart, std::size_t columns);

/// \param rows    kPlotRows of plot_width() columns, or shorter.
/// \param legend  the names of the series that have one, in their colours.
std::string frame_lines(const LineChart& chart, const std::vector<std::string>& rows,
                        const std::vector<std::string>& legend, std::size_t width, bool colour);

/// A line for each actual class, a column for each predicted one; "" where there is no room.
/// \param shade  of an actual and a predicted class: two columns in front of their number.
std::string frame_counts(const ConfusionCounts& counts, std::size_t columns,
                         const std::function<std::string(std::size_t, std::size_t)>& shade);
/// Columns in front of the shades of a predicted class.
constexpr std::size_t shade_left(std::size_t predicted) { return 13 + 9 * predicted; }

constexpr std::size_t kSpreadLeft = 17;  ///< columns in front of the spread of attributions

/// Columns for the spread of attributions, an odd number; 0: no room, or nothing to draw.
std::size_t spread_width(const Attributions& all, std::size_t columns);

/// \param spreads  a text of `width` columns for each feature.
/// \param lines    of text that each feature has.
std::string frame_spreads(const Attributions& all, const std::vector<std::string>& spreads,
                          std::size_t width, std::size_t lines);

}  // namespace quern::cli
