// A canvas of Braille dots for lines, shades for counts, blocks for densities.

#include "cli/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "cli/editor/style.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

constexpr std::size_t kLabel = 9;  ///< columns in front of the axis
constexpr std::size_t kRows = 12;
constexpr std::size_t kWidest = 60;
constexpr std::size_t kLeastWide = 20;
constexpr std::size_t kMostClasses = 12;
constexpr std::size_t kMostFeatures = 12;

constexpr std::array<Style, 4> kSeries{Style::number, Style::string, Style::clause, Style::keyword};

std::string short_number(double value) {
  std::array<char, 32> out;
  std::snprintf(out.data(), out.size(), "%.4g", value);
  return out.data();
}

std::string utf8(unsigned point) {
  return {static_cast<char>(0xE0U | (point >> 12U)),
          static_cast<char>(0x80U | ((point >> 6U) & 0x3FU)),
          static_cast<char>(0x80U | (point & 0x3FU))};
}

std::string padded(std::string text, std::size_t width, bool right) {
  if (display_width(text) > width) text = std::string(prefix_within(text, width - 1)) + "…";
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return right ? blanks + text : text + blanks;
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

struct Bounds {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double place(double value) const {
    return high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5;
  }
  bool known() const { return low <= high; }
};

std::pair<Bounds, Bounds> bounds_of(const LineChart& chart) {
  if (chart.unit_square) return {{0, 1}, {0, 1}};
  std::pair<Bounds, Bounds> out;
  for (const auto& series : chart.series) {
    for (const auto& [x, y] : series.points) {
      out.first.include(x);
      out.second.include(y);
    }
  }
  return out;
}

/// A number of a column; nullopt for NULL and what is not finite.
std::optional<double> number_at(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return std::nullopt;
  char* end = nullptr;
  const auto text = format_value(column, row);
  const double value = std::strtod(text.c_str(), &end);
  return end != text.c_str() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// The last two columns as x and y; a column in front of the expected ones names the class.
std::vector<ChartSeries> curves(const std::vector<ColumnBatch>& rows, std::size_t expected,
                                std::size_t x, std::size_t y) {
  std::map<std::string, ChartSeries> found;
  for (const auto& batch : rows) {
    const auto count = batch.columns.size();
    if (count < expected) return {};
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      const auto name =
          count > expected ? visible(format_value(batch.columns[0], r)) : std::string();
      const auto at = number_at(batch.columns[count - x], r),
                 height = number_at(batch.columns[count - y], r);
      if (at && height) found[name].points.emplace_back(*at, *height);
    }
  }
  std::vector<ChartSeries> out;
  for (auto& [name, series] : found) {
    series.name = name;
    out.push_back(std::move(series));
  }
  return out;
}

/// Counts by the row's class and the called one, each shaded by its share of the row.
std::string draw_confusion(const std::vector<ColumnBatch>& rows, std::size_t columns, bool colour) {
  std::vector<std::string> classes;
  std::vector<double> counts;
  for (const auto& batch : rows) {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      const auto actual = visible(format_value(batch.columns[0], r));
      if (classes.empty() || classes.back() != actual) classes.push_back(actual);
      counts.push_back(number_at(batch.columns[2], r).value_or(0));
    }
  }
  const auto n = classes.size();
  if (n < 2 || n > kMostClasses || counts.size() != n * n || columns < 14 + 9 * n) return "";
  static constexpr std::array<const char*, 5> kShades{"  ", "░░", "▒▒", "▓▓", "██"};
  std::string out = padded("actual", 12, false);
  for (const auto& name : classes) out += " " + padded(name, 8, true);
  out += "  (predicted)\n";
  for (std::size_t a = 0; a < n; ++a) {
    double all = 0;
    for (std::size_t p = 0; p < n; ++p) all += counts[a * n + p];
    out += padded(classes[a], 12, false);
    for (std::size_t p = 0; p < n; ++p) {
      const double share = all > 0 ? counts[a * n + p] / all : 0;
      const auto shade =
          kShades[share <= 0 ? 0
                             : std::min<std::size_t>(1 + static_cast<std::size_t>(share * 4), 4)];
      out += " " + styled(shade, a == p ? Style::string : Style::wrong, colour) +
             padded(short_number(counts[a * n + p]), 6, true);
    }
    out += "\n";
  }
  return out;
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
  struct Feature {
    std::string name;
    std::vector<double> values = {};
    double mean = 0;
  };
  std::vector<Feature> features;
  double reach = 0;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    Feature feature{visible(schema[c].name)};
    for (const auto& batch : rows) {
      for (std::int64_t r = 0; r < batch.rows; ++r) {
        const auto value = number_at(batch.columns[c], r);
        if (value) feature.values.push_back(*value);
      }
    }
    for (const double v : feature.values) {
      feature.mean += std::abs(v) / static_cast<double>(feature.values.size());
      reach = std::max(reach, std::abs(v));
    }
    if (is_number(schema[c].type.kind) && feature.values.size() > 1)
      features.push_back(std::move(feature));
  }
  if (features.empty() || reach <= 0 || columns < 50) return "";
  std::stable_sort(features.begin(), features.end(),
                   [](const auto& a, const auto& b) { return a.mean > b.mean; });
  if (features.size() > kMostFeatures) features.resize(kMostFeatures);
  const auto width = std::min<std::size_t>(columns - 28, 61) | 1U;
  std::string out = padded("attributions", 16, false) + " " +
                    padded(short_number(-reach), width / 2, false) + "0" +
                    padded(short_number(reach), width / 2, true) + "  mean |x|\n";
  for (const auto& f : features)
    out += padded(f.name, 16, false) + " " +
           styled(density(f.values, reach, width), Style::number, colour) + "  " +
           short_number(f.mean) + "\n";
  return out;
}

}  // namespace

std::string draw_lines(const LineChart& chart, std::size_t columns, bool colour) {
  const auto width = std::min(columns < kLabel + 2 ? 0 : columns - kLabel - 2, kWidest);
  const auto [xs, ys] = bounds_of(chart);
  const bool enough = std::any_of(chart.series.begin(), chart.series.end(),
                                  [](const auto& s) { return s.points.size() > 1; });
  if (width < kLeastWide || !enough || !xs.known()) return "";
  Canvas canvas(width, kRows);
  if (chart.diagonal) canvas.line(0, 0, 1, 1, Style::comment);
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const auto& points = chart.series[s].points;
    for (std::size_t i = 1; i < points.size(); ++i)
      canvas.line(xs.place(points[i - 1].first), ys.place(points[i - 1].second),
                  xs.place(points[i].first), ys.place(points[i].second),
                  kSeries[s % kSeries.size()]);
  }
  std::string out = std::string(kLabel, ' ') + "  " + styled(chart.title, Style::strong, colour);
  for (std::size_t s = 0; s < chart.series.size() && s < kMostFeatures; ++s) {
    if (!chart.series[s].name.empty())
      out += "  " + styled("━ " + chart.series[s].name, kSeries[s % kSeries.size()], colour);
  }
  out += "\n";
  for (std::size_t r = 0; r < kRows; ++r) {
    const auto label = r == 0 ? short_number(ys.high) : r + 1 == kRows ? short_number(ys.low) : "";
    out += padded(label, kLabel, true) + " │" + canvas.row(r, colour) + "\n";
  }
  out += std::string(kLabel, ' ') + " └";
  for (std::size_t i = 0; i < width; ++i) out += "─";
  const auto low = short_number(xs.low), high = short_number(xs.high);
  const auto between = padded("  " + chart.x_name, width - low.size() - high.size(), false);
  return out + "\n" + std::string(kLabel + 2, ' ') + low + between + high + "\n";
}

std::string draw_report(Chart chart, const Schema& schema, const std::vector<ColumnBatch>& rows,
                        std::size_t columns, bool colour) {
  switch (chart) {
    case Chart::none: return "";
    case Chart::confusion: return draw_confusion(rows, columns, colour);
    case Chart::attributions: return draw_attributions(schema, rows, columns, colour);
    case Chart::roc:
      return draw_lines(
          {"true positive rate", "false positive rate", curves(rows, 3, 2, 1), true, true}, columns,
          colour);
    case Chart::precision_recall:
      return draw_lines({"precision", "recall", curves(rows, 3, 1, 2), true, false}, columns,
                        colour);
    case Chart::calibration:
      return draw_lines(
          {"share of positives", "mean probability", curves(rows, 5, 2, 1), true, true}, columns,
          colour);
  }
  return "";
}

}  // namespace quern::cli
