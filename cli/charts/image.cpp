// A point is covered by how far it is from the line: whole within the radius, fading over one
// point.

#include "cli/charts/image.h"

#include <algorithm>
#include <cmath>

namespace quern::cli {
namespace {

constexpr unsigned kWhole = 255;

/// From (x, y) to the nearest place between two.
double distance(double x, double y, std::pair<double, double> a, std::pair<double, double> b) {
  const double dx = b.first - a.first, dy = b.second - a.second;
  const double length = dx * dx + dy * dy;
  const double along =
      length > 0 ? std::clamp(((x - a.first) * dx + (y - a.second) * dy) / length, 0.0, 1.0) : 0;
  return std::hypot(x - a.first - along * dx, y - a.second - along * dy);
}

}  // namespace

/// How much of each point one shape covers, however often it passes.
class Image::Mask {
 public:
  explicit Mask(const Image& of)
      : width_(of.width_), height_(of.height_), covered_(width_ * height_) {}

  void line(std::pair<double, double> a, std::pair<double, double> b, double radius) {
    const auto [left, right] = range(a.first, b.first, radius, width_);
    const auto [top, bottom] = range(a.second, b.second, radius, height_);
    for (auto y = top; y < bottom; ++y) {
      for (auto x = left; x < right; ++x) {
        const double away =
            distance(static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5, a, b);
        const double share = std::clamp(radius + 0.5 - away, 0.0, 1.0);
        auto& covered = covered_[y * width_ + x];
        covered = std::max(covered, static_cast<Coverage>(std::lround(share * kWhole)));
      }
    }
  }

  Coverage at(std::size_t x, std::size_t y) const { return covered_[y * width_ + x]; }

 private:
  /// The points that a line between two places can touch.
  static std::pair<std::size_t, std::size_t> range(double a, double b, double radius,
                                                   std::size_t size) {
    const auto end = static_cast<double>(size);
    const double low = std::clamp(std::floor(std::min(a, b) - radius - 1), 0.0, end);
    const double high = std::clamp(std::ceil(std::max(a, b) + radius + 1), 0.0, end);
    return {static_cast<std::size_t>(low), static_cast<std::size_t>(high)};
  }

  std::size_t width_;
  std::size_t height_;
  std::vector<Coverage> covered_;
};

Image::Image(std::size_t width, std::size_t height)
    : width_(width), height_(height), bytes_(4 * width * height, '\0') {}

Colour Image::colour(std::size_t x, std::size_t y) const {
  const auto* at = &bytes_[4 * (y * width_ + x)];
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(at[i]); };
  return {byte(0), byte(1), byte(2)};
}

Coverage Image::coverage(std::size_t x, std::size_t y) const {
  return static_cast<Coverage>(bytes_[4 * (y * width_ + x) + 3]);
}

/// Porter and Duff's "over", of colours that are not multiplied by their coverage.
void Image::blend(std::size_t x, std::size_t y, Colour colour, Coverage coverage) {
  if (coverage == 0) return;
  const auto before = this->colour(x, y);
  const unsigned rest = this->coverage(x, y) * (kWhole - coverage) / kWhole;
  const unsigned whole = coverage + rest;
  const auto mixed = [&](unsigned above, unsigned below) {
    return static_cast<char>((above * coverage + below * rest) / whole);
  };
  auto* at = &bytes_[4 * (y * width_ + x)];
  at[0] = mixed(colour.red, before.red);
  at[1] = mixed(colour.green, before.green);
  at[2] = mixed(colour.blue, before.blue);
  at[3] = static_cast<char>(whole);
}

void Image::paint(const Mask& mask, Colour colour) {
  for (std::size_t y = 0; y < height_; ++y) {
    for (std::size_t x = 0; x < width_; ++x) blend(x, y, colour, mask.at(x, y));
  }
}

void Image::stroke(const std::vector<std::pair<double, double>>& through, double radius,
                   Colour colour) {
  Mask mask(*this);
  for (std::size_t i = 1; i < through.size(); ++i) mask.line(through[i - 1], through[i], radius);
  paint(mask, colour);
}

void Image::dots(const std::vector<std::pair<double, double>>& at, double radius, Colour colour) {
  Mask mask(*this);
  for (const auto& place : at) mask.line(place, place, radius);
  paint(mask, colour);
}

void Image::fill(std::pair<std::size_t, std::size_t> from, std::pair<std::size_t, std::size_t> to,
                 Colour colour, Coverage coverage) {
  for (auto y = from.second; y < std::min(to.second, height_); ++y) {
    for (auto x = from.first; x < std::min(to.first, width_); ++x) blend(x, y, colour, coverage);
  }
}

}  // namespace quern::cli
