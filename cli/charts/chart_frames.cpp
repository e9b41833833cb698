// Text in columns.

#include "cli/charts/chart_frames.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/editor/style.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

constexpr std::size_t kLabel = kPlotLeft - 2;  ///< columns in front of the axis
constexpr std::size_t kWidest = 60;
constexpr std::size_t kLeastWide = 20;
constexpr std::size_t kName = 16;  ///< columns of a feature's name

std::string short_number(double value) {
  std::array<char, 32> out;
  std::snprintf(out.data(), out.size(), "%.4g", value);
  return out.data();
}

std::string padded(std::string text, std::size_t width, bool right) {
  if (display_width(text) > width) text = std::string(prefix_within(text, width - 1)) + "…";
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::size_t plot_width(const LineChart& chart, std::size_t columns) {
  const auto width = std::min(columns < kPlotLeft ? 0 : columns - kPlotLeft, kWidest);
  const bool enough = std::any_of(chart.series.begin(), chart.series.end(),
                                  [](const auto& s) { return s.points.size() > 1; });
  return width < kLeastWide || !enough || !bounds_of(chart).first.known() ? 0 : width;
}

std::string frame_lines(const LineChart& chart, const std::vector<std::string>& rows,
                        const std::vector<std::string>& legend, std::size_t width, bool colour) {
  const auto [xs, ys] = bounds_of(chart);
  auto out = std::string(kPlotLeft, ' ') + styled(chart.title, Style::strong, colour);
  for (std::size_t s = 0; s < legend.size() && s < kMostFeatures; ++s) out += "  " + legend[s];
  out += "\n";
  for (std::size_t r = 0; r < kPlotRows; ++r) {
    const auto label = r == 0               ? short_number(ys.high)
                       : r + 1 == kPlotRows ? short_number(ys.low)
                                            : "";
    out += padded(label, kLabel, true) + " │" + rows[r] + "\n";
  }
  out += std::string(kLabel, ' ') + " └";
  for (std::size_t i = 0; i < width; ++i) out += "─";
  const auto low = short_number(xs.low), high = short_number(xs.high);
  const auto between = padded("  " + chart.x_name, width - low.size() - high.size(), false);
  return out + "\n" + std::string(kPlotLeft, ' ') + low + between + high + "\n";
}

std::string frame_counts(const ConfusionCounts& counts, std::size_t columns,
                         const std::function<std::string(std::size_t, std::size_t)>& shade) {
  const auto n = counts.classes.size();
  if (columns < 14 + 9 * n) return "";
  auto out = padded("actual", 12, false);
  for (const auto& name : counts.classes) out += " " + padded(name, 8, true);
  out += "  (predicted)\n";
  for (std::size_t a = 0; a < n; ++a) {
    out += padded(counts.classes[a], 12, false);
    for (std::size_t p = 0; p < n; ++p)
      out += " " + shade(a, p) + padded(short_number(counts.at(a, p)), 6, true);
    out += "\n";
  }
  return out;
}

std::size_t spread_width(const Attributions& all, std::size_t columns) {
  if (all.features.empty() || all.reach <= 0 || columns < 50) return 0;
  return std::min<std::size_t>(columns - 29, 61) | 1U;
}

std::string frame_spreads(const Attributions& all, const std::vector<std::string>& spreads,
                          std::size_t width, std::size_t lines) {
  auto out = padded("attributions", kName, false) + " " +
             padded(short_number(-all.reach), width / 2, false) + "0" +
             padded(short_number(all.reach), width / 2, true) + "  mean |x|\n";
  for (std::size_t f = 0; f < all.features.size(); ++f) {
    out += padded(all.features[f].name, kName, false) + " " + spreads[f] + "  " +
           short_number(all.features[f].mean) + std::string(lines, '\n');
  }
  return out;
}

}  // namespace quern::cli
