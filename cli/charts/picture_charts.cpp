// Curves, patches and swarms of dots, in points of the screen.

#include "cli/charts/picture_charts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/charts/chart_frames.h"
#include "cli/charts/picture_bytes.h"

namespace quern::cli {
namespace {

/// Levels that sixel's palette has, of the hues of the text's charts.
constexpr std::array<Colour, 4> kSeries{
    {{0, 204, 204}, {51, 204, 51}, {204, 51, 204}, {51, 102, 255}}};
constexpr Colour kPlain{153, 153, 153};
constexpr Colour kRight{51, 204, 51};
constexpr Colour kWrong{255, 51, 51};
constexpr std::size_t kMostDots = 2000;  ///< of a feature
constexpr std::size_t kDotLines = 2;     ///< of text, that a feature's dots have

std::string coloured(const std::string& text, Colour colour) {
  const auto number = [](unsigned n) { return std::to_string(n); };
  return "\x1b[38;2;" + number(colour.red) + ";" + number(colour.green) + ";" +
         number(colour.blue) + "m" + text + "\x1b[0m";
}

Image image_of(std::size_t columns, std::size_t rows, const PictureTerminal& terminal) {
  return {columns * terminal.cell_width, rows * terminal.cell_height};
}

/// Of strokes and dots: they look alike on screens with many points and with few.
double radius_of(const PictureTerminal& terminal, double share) {
  return std::max(0.7, share * static_cast<double>(terminal.cell_width));
}

using Places = std::vector<std::pair<double, double>>;

/// Points of a curve in an image. A stroke at the edge is as thick as elsewhere.
Places places_of(const ChartSeries& series, const std::pair<Bounds, Bounds>& bounds,
                 const Image& image, double radius) {
  const double width = static_cast<double>(image.width()) - 2 * radius,
               height = static_cast<double>(image.height()) - 2 * radius;
  Places out;
  for (const auto& [x, y] : series.points) {
    out.emplace_back(radius + bounds.first.place(x) * width,
                     radius + (1 - bounds.second.place(y)) * height);
  }
  return out;
}

PictureChart picture_confusion(const std::vector<ColumnBatch>& rows, const PictureRoom& room) {
  const auto counts = confusion_of(rows, kMostClasses);
  if (!counts) return {};
  PictureChart out{
      .text = frame_counts(*counts, room.columns, [](std::size_t, std::size_t) { return "  "; })};
  const auto n = counts->classes.size();
  const auto height = room.terminal.cell_height;
  for (std::size_t p = 0; p < n; ++p) {
    auto image = image_of(2, n, room.terminal);
    for (std::size_t a = 0; a < n; ++a) {
      // A point between the patches.
      image.fill({0, a * height}, {image.width() - 1, (a + 1) * height - 1},
                 a == p ? kRight : kWrong,
                 static_cast<Coverage>(std::lround(255 * counts->share(a, p))));
    }
    out.pictures.push_back({1, shade_left(p), 2, n, std::move(image)});
  }
  return out;
}

/// Dots at their values, those that would cover each other stacked to both sides of the middle.
Places swarm(const std::vector<double>& values, double reach, const Image& image, double radius) {
  const double width = static_cast<double>(image.width()) - 2 * radius,
               middle = static_cast<double>(image.height()) / 2;
  const auto count = std::min(values.size(), kMostDots);
  std::vector<std::size_t> stacks(static_cast<std::size_t>(width / radius) + 1);
  Places out;
  std::vector<std::size_t> levels;
  for (std::size_t i = 0; i < count; ++i) {
    const double along = (values[i * values.size() / count] + reach) / (2 * reach) * width;
    levels.push_back(++stacks[static_cast<std::size_t>(along / radius)] / 2);
    const bool up = stacks[static_cast<std::size_t>(along / radius)] % 2 == 0;
    out.emplace_back(radius + along, up ? -1 : 1);
  }
  const auto highest = *std::max_element(levels.begin(), levels.end());
  const double step =
      highest == 0 ? 0 : std::min(radius, (middle - radius) / static_cast<double>(highest));
  for (std::size_t i = 0; i < count; ++i)
    out[i].second = middle + out[i].second * step * static_cast<double>(levels[i]);
  return out;
}

PictureChart picture_attributions(const Schema& schema, const std::vector<ColumnBatch>& rows,
                                  const PictureRoom& room) {
  const auto all = attributions_of(schema, rows, kMostFeatures);
  const auto width = spread_width(all, room.columns);
  if (width == 0) return {};
  const std::vector<std::string> blank(all.features.size(), std::string(width, ' '));
  PictureChart out{.text = frame_spreads(all, blank, width, kDotLines)};
  const double radius = radius_of(room.terminal, 0.2);
  for (std::size_t f = 0; f < all.features.size(); ++f) {
    auto image = image_of(width, kDotLines, room.terminal);
    const auto middle = static_cast<double>(image.width()) / 2;
    image.stroke({{middle, 0}, {middle, static_cast<double>(image.height())}}, 0.5, kPlain);
    image.dots(swarm(all.features[f].values, all.reach, image, radius), radius, kSeries[0]);
    out.pictures.push_back({1 + f * kDotLines, kSpreadLeft, width, kDotLines, std::move(image)});
  }
  return out;
}

}  // namespace

PictureChart picture_lines(const LineChart& chart, const PictureRoom& room) {
  const auto width = plot_width(chart, room.columns);
  if (width == 0) return {};
  const auto bounds = bounds_of(chart);
  const double radius = radius_of(room.terminal, 0.1);
  auto image = image_of(width, kPlotRows, room.terminal);
  if (chart.diagonal)
    image.stroke(places_of({"", {{0, 0}, {1, 1}}}, bounds, image, radius), 0.5, kPlain);
  std::vector<std::string> legend;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const auto colour = kSeries[s % kSeries.size()];
    image.stroke(places_of(chart.series[s], bounds, image, radius), radius, colour);
    if (!chart.series[s].name.empty())
      legend.push_back(coloured("━ " + chart.series[s].name, colour));
  }
  const std::vector<std::string> blank(kPlotRows);
  PictureChart out{.text = frame_lines(chart, blank, legend, width, true)};
  out.pictures.push_back({1, kPlotLeft, width, kPlotRows, std::move(image)});
  return out;
}

PictureChart picture_report(Chart chart, const Schema& schema, const std::vector<ColumnBatch>& rows,
                            const PictureRoom& room) {
  if (chart == Chart::confusion) return picture_confusion(rows, room);
  if (chart == Chart::attributions) return picture_attributions(schema, rows, room);
  const auto lines = line_chart_of(chart, rows);
  return lines ? picture_lines(*lines, room) : PictureChart{};
}

std::string painted(const PictureChart& chart, const PictureRoom& room) {
  const auto lines =
      static_cast<std::size_t>(std::count(chart.text.begin(), chart.text.end(), '\n'));
  if (lines + 1 > room.rows) return "";
  auto out = chart.text;
  for (const auto& picture : chart.pictures) {
    // DECSC and DECRC around it: a sixel picture leaves the cursor where the terminal likes.
    out +=
        "\x1b"
        "7\x1b[" +
        std::to_string(lines - picture.line) + "A\x1b[" + std::to_string(picture.left) + "C";
    out += room.terminal.protocol == PictureProtocol::kitty
               ? kitty_picture(picture.image, picture.columns, picture.rows)
               : sixel_picture(picture.image, room.terminal.background);
    out +=
        "\x1b"
        "8";
  }
  return out;
}

}  // namespace quern::cli
