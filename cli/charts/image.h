#pragma once
// Points of colour in rows, and the few shapes that charts are made of, with soft edges.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace quern::cli {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;

  bool operator==(const Colour&) const = default;
};

/// What covers a point: 255 hides what was there.
using Coverage = std::uint8_t;

class Image {
 public:
  /// Nothing is painted at first. Both in points, and above 0.
  Image(std::size_t width, std::size_t height);

  std::size_t width() const { return width_; }
  std::size_t height() const { return height_; }
  Colour colour(std::size_t x, std::size_t y) const;
  Coverage coverage(std::size_t x, std::size_t y) const;
  /// Red, green, blue and coverage of each point, row by row from the top.
  const std::string& bytes() const { return bytes_; }

  /// One stroke through all points, as thick as twice the radius; it covers itself once only.
  /// Places are in points from the upper left corner, so the middle of the first one is at 0.5.
  void stroke(const std::vector<std::pair<double, double>>& through, double radius, Colour colour);
  /// Dots that cover each other once only.
  void dots(const std::vector<std::pair<double, double>>& at, double radius, Colour colour);
  /// A rectangle of whole points, its upper left corner first, the other one outside.
  void fill(std::pair<std::size_t, std::size_t> from, std::pair<std::size_t, std::size_t> to,
            Colour colour, Coverage coverage);

 private:
  class Mask;
  void paint(const Mask& mask, Colour colour);
  void blend(std::size_t x, std::size_t y, Colour colour, Coverage coverage);

  std::size_t width_;
  std::size_t height_;
  std::string bytes_;
};

}  // namespace quern::cli
