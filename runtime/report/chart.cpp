// SVG text. Sizes are in its user units; colours are the page's `--c0` to `--c7`, see page.cpp.

#include "runtime/report/chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "runtime/report/html_page.h"

namespace quern::runtime {
namespace {

constexpr int kColours = 8;

std::string shown(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.1f", value);
  return out;
}

/// `name="1.5"`
std::string set(const char* name, double value) {
  return std::string(" ") + name + "=\"" + shown(value) + '"';
}

std::string open_svg(double width, double height, const std::string& label) {
  return "<svg role=\"img\" aria-label=\"" + escape_markup(label) + '"' + set("width", width) +
         set("height", height) + " viewBox=\"0 0 " + shown(width) + ' ' + shown(height) + "\">\n";
}

std::string text_at(double x, double y, const std::string& anchor, const std::string& text,
                    const std::string& more = "") {
  return "<text" + set("x", x) + set("y", y) + " text-anchor=\"" + anchor + '"' + more + '>' +
         escape_markup(text) + "</text>\n";
}

std::string rule(double x1, double y1, double x2, double y2, const std::string& kind = "rule") {
  return "<line class=\"" + kind + '"' + set("x1", x1) + set("y1", y1) + set("x2", x2) +
         set("y2", y2) + "/>\n";
}

std::string colour(std::size_t series) {
  return "var(--c" + std::to_string(series % kColours) + ")";
}

/// Round values between two ends: 1, 2 or 5 times a power of ten apart, four to nine of them.
std::vector<double> ticks(double low, double high) {
  const double span = high - low;
  if (!(span > 0) || !std::isfinite(span)) return {low};
  double step = std::pow(10.0, std::floor(std::log10(span)));
  for (const double factor : {0.5, 0.4, 0.5}) {  // 5, 2, 1
    if (span / step >= 4) break;
    step *= factor;
  }
  std::vector<double> out;
  for (double at = std::ceil(low / step) * step; at <= high + step * 1e-6; at += step)
    out.push_back(std::abs(at) < step * 1e-6 ? 0 : at);
  return out;
}

/// Where values of two axes stand in a drawing.
class Frame {
 public:
  static constexpr double kWidth = 440, kHeight = 320, kLeft = 62, kTop = 14, kRight = 14,
                          kBottom = 44;

  Frame(Axis x, Axis y) : x_(std::move(x)), y_(std::move(y)) {}

  double x(double value) const {
    return kLeft + (value - x_.low) / (x_.high - x_.low) * (kWidth - kLeft - kRight);
  }
  double y(double value) const {
    return kHeight - kBottom - (value - y_.low) / (y_.high - y_.low) * (kHeight - kTop - kBottom);
  }

  std::string open(double below = 0) const {
    std::string out = open_svg(kWidth, kHeight + below, y_.name + " by " + x_.name);
    for (const double at : ticks(x_.low, x_.high)) {
      out += rule(x(at), kTop, x(at), kHeight - kBottom);
      out += text_at(x(at), kHeight - kBottom + 16, "middle", short_number(at), " class=\"f\"");
    }
    for (const double at : ticks(y_.low, y_.high)) {
      out += rule(kLeft, y(at), kWidth - kRight, y(at));
      out += text_at(kLeft - 6, y(at) + 4, "end", short_number(at), " class=\"f\"");
    }
    out += text_at((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", x_.name);
    const double middle = (kTop + kHeight - kBottom) / 2;
    return out + text_at(14, middle, "middle", y_.name,
                         " transform=\"rotate(-90 14 " + shown(middle) + ")\"");
  }

 private:
  Axis x_;
  Axis y_;
};

std::string polyline(const Frame& frame, const Points& points, const std::string& stroke) {
  std::string path;
  bool pen_up = true;
  for (const auto& [x, y] : points) {
    if (!std::isfinite(x) || !std::isfinite(y)) {
      pen_up = true;
      continue;
    }
    path += (pen_up ? "M" : "L") + shown(frame.x(x)) + ' ' + shown(frame.y(y));
    pen_up = false;
  }
  return "<path fill=\"none\" stroke-width=\"2\" style=\"stroke: " + stroke + "\" d=\"" + path +
         "\"/>\n";
}

std::string dots(const Frame& frame, const Points& points, const std::string& fill) {
  std::string out = "<g fill-opacity=\"0.45\" style=\"fill: " + fill + "\">\n";
  for (const auto& [x, y] : points) {
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    out += "<circle r=\"2.2\"" + set("cx", frame.x(x)) + set("cy", frame.y(y)) + "/>\n";
  }
  return out + "</g>\n";
}

constexpr double kLegendLine = 18;

double legend_height(const std::vector<Series>& series) {
  return series.size() > 1 ? kLegendLine * std::ceil(static_cast<double>(series.size()) / 2) : 0;
}

std::string legend(const std::vector<Series>& series) {
  if (series.size() < 2) return "";
  std::string out;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double x = Frame::kLeft + (i % 2 == 0 ? 0 : 190);
    const double y = Frame::kHeight + kLegendLine * static_cast<double>(i / 2) + 4;
    out += "<rect width=\"12\" height=\"4\"" + set("x", x) + set("y", y) +
           " style=\"fill: " + colour(i) + "\"/>\n" +
           text_at(x + 18, y + 6, "start", series[i].name);
  }
  return out;
}

/// A colour between the two ends of a feature's values; grey where the value is missing.
std::string rank_colour(double rank) {
  if (std::isnan(rank)) return "var(--c7)";
  char out[64];
  std::snprintf(out, sizeof out, "color-mix(in srgb, var(--c1) %.0f%%, var(--c0))", 100 * rank);
  return out;
}

/// The longest name of some that stand in front of rows, in units.
double room_for(std::size_t letters) {
  return std::clamp(7.0 * static_cast<double>(letters) + 12, 60.0, 230.0);
}

std::string cut(const std::string& name) {
  constexpr std::size_t kMost = 32;
  std::string out;
  std::size_t letters = 0;
  for (const char c : name) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && ++letters > kMost) return out + "…";
    out += c;
  }
  return out;
}

template <typename Rows>
double room_for_names(const Rows& rows) {
  std::size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, cut(row.name).size());
  return room_for(longest);
}

}  // namespace

Axis Axis::around(std::string name, const std::vector<double>& values) {
  Axis out{.name = std::move(name), .low = INFINITY, .high = -INFINITY};
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    out.low = std::min(out.low, v);
    out.high = std::max(out.high, v);
  }
  if (out.low > out.high) out.low = out.high = 0;
  const double more =
      out.high > out.low ? 0.03 * (out.high - out.low) : std::max(std::abs(out.high) * 0.1, 0.5);
  out.low -= more;
  out.high += more;
  return out;
}

std::string line_chart(const Axis& x, const Axis& y, const std::vector<Series>& series,
                       bool diagonal) {
  const Frame frame(x, y);
  auto out = frame.open(legend_height(series));
  if (diagonal) {
    const double low = std::max(x.low, y.low), high = std::min(x.high, y.high);
    out += rule(frame.x(low), frame.y(low), frame.x(high), frame.y(high), "rule dash");
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    out += series[i].dots ? dots(frame, series[i].points, colour(i))
                          : polyline(frame, series[i].points, colour(i));
  }
  return out + legend(series) + "</svg>\n";
}

std::string bar_chart(const std::string& measure, const std::vector<Bar>& bars) {
  constexpr double kRow = 24, kWidth = 560, kValue = 64;
  const double left = room_for_names(bars);
  double low = 0, high = 0;
  for (const auto& bar : bars) {
    if (!std::isfinite(bar.value)) continue;
    low = std::min(low, bar.value);
    high = std::max(high, bar.value);
  }
  if (high == low) high = 1;
  const auto place = [&](double value) {
    return left + (value - low) / (high - low) * (kWidth - left - kValue);
  };
  const double height = kRow * static_cast<double>(bars.size()) + 22;
  auto out = open_svg(kWidth, height, measure);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = kRow * static_cast<double>(i);
    const double value = std::isfinite(bars[i].value) ? bars[i].value : 0;
    const double from = place(std::min(0.0, value)), to = place(std::max(0.0, value));
    out += text_at(left - 8, y + 16, "end", cut(bars[i].name));
    out += "<rect" + set("x", from) + set("y", y + 4) + set("width", to - from) +
           set("height", kRow - 8) + " style=\"fill: " + colour(value < 0 ? 1 : 0) + "\"/>\n";
    out += text_at(to + 6, y + 16, "start", short_number(bars[i].value), " class=\"f\"");
  }
  return out + text_at(left, height - 6, "start", measure, " class=\"f\"") + "</svg>\n";
}

std::string histogram(const Axis& x, const std::string& measure,
                      const std::vector<Series>& series) {
  double highest = 0;
  for (const auto& one : series)
    for (const auto& point : one.points) highest = std::max(highest, point.second);
  const Frame frame(x, {measure, 0, highest > 0 ? highest * 1.05 : 1});
  auto out = frame.open(legend_height(series));
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto bins = static_cast<double>(series[i].points.size());
    const double step = (x.high - x.low) / bins;
    const double part = step / static_cast<double>(series.size());
    out += "<g style=\"fill: " + colour(i) + "\">\n";
    for (const auto& [low, count] : series[i].points) {
      const double from = frame.x(low + part * static_cast<double>(i));
      const double to = frame.x(low + part * static_cast<double>(i + 1));
      out += "<rect" + set("x", from) + set("y", frame.y(count)) +
             set("width", std::max(to - from - 0.6, 0.4)) +
             set("height", frame.y(0) - frame.y(count)) + "/>\n";
    }
    out += "</g>\n";
  }
  return out + legend(series) + "</svg>\n";
}

std::string beeswarm(const std::string& measure, const std::vector<Swarm>& swarms) {
  constexpr double kRow = 34, kWidth = 640, kRight = 16, kDot = 2, kMostAside = 14;
  const double left = room_for_names(swarms);
  std::vector<double> all = {0};
  for (const auto& swarm : swarms)
    for (const auto& dot : swarm.dots) all.push_back(dot.attribution);
  const auto axis = Axis::around(measure, all);
  const auto place = [&](double value) {
    return left + (value - axis.low) / (axis.high - axis.low) * (kWidth - left - kRight);
  };
  const double bottom = kRow * static_cast<double>(swarms.size());
  auto out = open_svg(kWidth, bottom + 40, measure + " of rows by feature");
  for (const double at : ticks(axis.low, axis.high)) {
    out += rule(place(at), 0, place(at), bottom);
    out += text_at(place(at), bottom + 16, "middle", short_number(at), " class=\"f\"");
  }
  for (std::size_t i = 0; i < swarms.size(); ++i) {
    const double middle = kRow * (static_cast<double>(i) + 0.5);
    out += text_at(left - 8, middle + 4, "end", cut(swarms[i].name)) + "<g>\n";
    std::map<int, int> taken;  // dots that stand at a place already
    for (const auto& dot : swarms[i].dots) {
      const int n = taken[static_cast<int>(place(dot.attribution) / kDot)]++;
      const int steps = (n + 1) / 2;
      const double aside = std::min(1.6 * steps, kMostAside) * (n % 2 == 0 ? 1 : -1);
      out += "<circle fill-opacity=\"0.7\"" + set("r", kDot) + set("cx", place(dot.attribution)) +
             set("cy", middle + aside) + " style=\"fill: " + rank_colour(dot.rank) + "\"/>\n";
    }
    out += "</g>\n";
  }
  out += text_at((left + kWidth - kRight) / 2, bottom + 34, "middle", measure);
  return out + "</svg>\n";
}

Points thinned(const Points& points, std::size_t most) {
  if (points.size() <= most) return points;
  Points out = {points.front()};
  const double step = 2.0 / static_cast<double>(most);
  for (const auto& point : points) {
    const double moved =
        std::abs(point.first - out.back().first) + std::abs(point.second - out.back().second);
    if (moved >= step) out.push_back(point);
  }
  if (out.back() != points.back()) out.push_back(points.back());
  return out;
}

}  // namespace quern::runtime
