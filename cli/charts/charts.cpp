// A canvas of Braille dots for lines, shades for counts, blocks for densities.

#include "cli/charts/charts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/charts/chart_frames.h"
#include "cli/editor/style.h"

namespace quern::cli {
namespace {

constexpr std::array<Style, 4> kSeries{Style::number, Style::string, Style::clause, Style::keyword};

std::string utf8(unsigned point) {
  return {static_cast<char>(0xE0U | (point >> 12U)),
          static_cast<char>(0x80U | ((point >> 6U) & 0x3FU)),
          static_cast<char>(0x80U | (point & 0x3FU))};
}

/// Two by four dots in each character (Unicode's Braille patterns, U+2800).
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows)
      : columns_(columns), rows_(rows), cells_(columns * rows) {}

  /// Both from 0 to 1, from the lower left.
  void line(double x0, double y0, double x1, double y1, Style style) {
    const auto width = static_cast<double>(2 * columns_ - 1),
               height = static_cast<double>(4 * rows_ - 1);
    const double steps = std::max({1.0, std::abs(x1 - x0) * width, std::abs(y1 - y0) * height});
    for (double s = 0; s <= steps; ++s) {
      const double x = x0 + (x1 - x0) * s / steps, y = y0 + (y1 - y0) * s / steps;
      dot(static_cast<std::size_t>(std::lround(x * width)),
          static_cast<std::size_t>(std::lround((1 - y) * height)), style);
    }
  }

  std::string row(std::size_t r, bool colour) const {
    std::string out;
    for (std::size_t c = 0; c < columns_; ++c) {
      const auto& cell = cells_[r * columns_ + c];
      out += cell.dots == 0 ? " " : styled(utf8(0x2800U + cell.dots), cell.style, colour);
    }
    return out;
  }

 private:
  struct Cell {
    unsigned dots = 0;
    Style style = Style::plain;
  };

  void dot(std::size_t x, std::size_t y, Style style) {
    static constexpr unsigned kBits[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    auto& cell = cells_[y / 4 * columns_ + x / 2];
    cell.dots |= kBits[y % 4][x % 2];
    cell.style = style;
  }

  std::size_t columns_;
  std::size_t rows_;
  std::vector<Cell> cells_;
};

/// Counts by the row's class and the called one, each shaded by its share of the row.
std::string draw_confusion(const std::vector<ColumnBatch>& rows, std::size_t columns, bool colour) {
  static constexpr std::array<const char*, 5> kShades{"  ", "░░", "▒▒", "▓▓", "██"};
  const auto counts = confusion_of(rows, kMostClasses);
  if (!counts) return "";
  return frame_counts(*counts, columns, [&](std::size_t a, std::size_t p) {
    const double share = counts->share(a, p);
    const auto step =
        share <= 0 ? 0 : std::min<std::size_t>(1 + static_cast<std::size_t>(share * 4), 4);
    return styled(kShades[step], a == p ? Style::string : Style::wrong, colour);
  });
}

/// How a feature's attributions are spread, from the lowest to the highest of all features.
std::string density(const std::vector<double>& values, double reach, std::size_t width) {
  std::vector<std::size_t> bins(width);
  for (const double v : values) {
    const double at = (v + reach) / (2 * reach) * static_cast<double>(width);
    ++bins[std::min(static_cast<std::size_t>(std::max(at, 0.0)), width - 1)];
  }
  const auto most = std::max<std::size_t>(*std::max_element(bins.begin(), bins.end()), 1);
  std::string out;
  for (std::size_t i = 0; i < width; ++i) {
    if (bins[i] == 0)
      out += i == width / 2 ? "│" : " ";
    else
      out += utf8(0x2581U + static_cast<unsigned>(bins[i] * 7 / most));
  }
  return out;
}

std::string draw_attributions(const Schema& schema, const std::vector<ColumnBatch>& rows,
                              std::size_t columns, bool colour) {
  const auto all = attributions_of(schema, rows, kMostFeatures);
  const auto width = spread_width(all, columns);
  if (width == 0) return "";
  std::vector<std::string> spreads;
  for (const auto& f : all.features)
    spreads.push_back(styled(density(f.values, all.reach, width), Style::number, colour));
  return frame_spreads(all, spreads, width, 1);
}

}  // namespace

std::string draw_lines(const LineChart& chart, std::size_t columns, bool colour) {
  const auto width = plot_width(chart, columns);
  if (width == 0) return "";
  const auto [xs, ys] = bounds_of(chart);
  Canvas canvas(width, kPlotRows);
  std::vector<std::string> legend, plot;
  if (chart.diagonal) canvas.line(0, 0, 1, 1, Style::comment);
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const auto& [name, points] = chart.series[s];
    const auto style = kSeries[s % kSeries.size()];
    for (std::size_t i = 1; i < points.size(); ++i)
      canvas.line(xs.place(points[i - 1].first), ys.place(points[i - 1].second),
                  xs.place(points[i].first), ys.place(points[i].second), style);
    if (!name.empty()) legend.push_back(styled("━ " + name, style, colour));
  }
  for (std::size_t r = 0; r < kPlotRows; ++r) plot.push_back(canvas.row(r, colour));
  return frame_lines(chart, plot, legend, width, colour);
}

std::string draw_report(Chart chart, const Schema& schema, const std::vector<ColumnBatch>& rows,
                        std::size_t columns, bool colour) {
  if (chart == Chart::confusion) return draw_confusion(rows, columns, colour);
  if (chart == Chart::attributions) return draw_attributions(schema, rows, columns, colour);
  const auto lines = line_chart_of(chart, rows);
  return lines ? draw_lines(*lines, columns, colour) : "";
}

}  // namespace quern::cli
