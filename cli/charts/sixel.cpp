// Bands of six rows; in each, one colour after another over the whole width.

#include <algorithm>
#include <map>
#include <vector>

#include "cli/charts/picture_bytes.h"

namespace quern::cli {
namespace {

constexpr std::size_t kBand = 6;
constexpr unsigned kSteps = 5;  ///< of a channel above 0: six levels
constexpr Coverage kFaint = 24;
constexpr Coverage kHalf = 128;

/// A colour's number, 1 to 216; 0 for what is left as it was.
unsigned number_of(const Image& image, std::size_t x, std::size_t y,
                   const std::optional<Colour>& background) {
  const unsigned coverage = image.coverage(x, y);
  if (coverage < (background ? kFaint : kHalf)) return 0;
  const auto colour = image.colour(x, y);
  const auto level = [&](unsigned above, unsigned below) {
    const unsigned mixed = background ? (above * coverage + below * (255 - coverage)) / 255 : above;
    return (mixed * kSteps + 127) / 255;
  };
  const auto under = background.value_or(Colour{});
  return 1 + 36 * level(colour.red, under.red) + 6 * level(colour.green, under.green) +
         level(colour.blue, under.blue);
}

void add_run(std::string& out, char sixel, std::size_t count) {
  if (count > 3)
    out += "!" + std::to_string(count) + sixel;
  else
    out.append(count, sixel);
}

/// One colour of one band. Nothing is said of the blanks at the end.
std::string line_of(const std::vector<unsigned>& points) {
  std::string out;
  std::size_t run = 0;
  for (std::size_t x = 0; x < points.size(); x += run) {
    run = 1;
    while (x + run < points.size() && points[x + run] == points[x]) ++run;
    if (points[x] != 0 || x + run < points.size())
      add_run(out, static_cast<char>('?' + points[x]), run);
  }
  return out;
}

std::string definition(unsigned number) {
  const unsigned rgb = number - 1;
  const auto percent = [](unsigned level) { return std::to_string(level * 100 / kSteps); };
  return "#" + std::to_string(number) + ";2;" + percent(rgb / 36) + ";" + percent(rgb / 6 % 6) +
         ";" + percent(rgb % 6);
}

}  // namespace

std::string sixel_picture(const Image& image, const std::optional<Colour>& background) {
  std::string bands;
  std::map<unsigned, bool> used;
  for (std::size_t top = 0; top < image.height(); top += kBand) {
    std::map<unsigned, std::vector<unsigned>> colours;
    for (std::size_t y = top; y < std::min(top + kBand, image.height()); ++y) {
      for (std::size_t x = 0; x < image.width(); ++x) {
        const auto number = number_of(image, x, y, background);
        if (number == 0) continue;
        auto& points = colours[number];
        points.resize(image.width());
        points[x] |= 1U << (y - top);
      }
    }
    if (top > 0) bands += "-";
    for (const auto& [number, points] : colours) {
      if (!used[number]) bands += definition(number);
      used[number] = true;
      bands += "#" + std::to_string(number) + line_of(points) + "$";
    }
  }
  // 1: what no colour names stays as it was.
  return "\x1bP0;1;0q\"1;1;" + std::to_string(image.width()) + ";" +
         std::to_string(image.height()) + bands + "\x1b\\";
}

}  // namespace quern::cli
