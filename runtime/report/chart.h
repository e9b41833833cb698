#pragma once
// Drawings for pages: SVG that takes its colours from the page, light or dark. Every text is
// escaped.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace quern::runtime {

struct Axis {
  std::string name;
  double low = 0;
  double high = 1;
  /// The axis that holds all values that are numbers, and a little more.
  static Axis around(std::string name, const std::vector<double>& values);
};

using Points = std::vector<std::pair<double, double>>;

struct Series {
  std::string name;   ///< "" where there is only one
  Points points;      ///< those that are no numbers break the line
  bool dots = false;  ///< instead of a line
};

/// Lines or dots over two axes. \param diagonal  with the line from corner to corner.
std::string line_chart(const Axis& x, const Axis& y, const std::vector<Series>& series,
                       bool diagonal = false);

struct Bar {
  std::string name;
  double value = 0;
};
/// Bars from the left, the first on top; values below zero go to the other side.
std::string bar_chart(const std::string& measure, const std::vector<Bar>& bars);

/// Columns from low to high, beside each other for several series of equal bins.
std::string histogram(const Axis& x, const std::string& measure, const std::vector<Series>& series);

/// A row of a beeswarm: a feature's attributions, each coloured by the feature's value.
struct Swarm {
  struct Dot {
    double attribution = 0;
    double rank = 0;  ///< of the value among the feature's, 0 to 1; NaN: missing
  };
  std::string name;
  std::vector<Dot> dots;
};
std::string beeswarm(const std::string& measure, const std::vector<Swarm>& swarms);

/// At most `most` points of a line that is drawn in [0, 1] x [0, 1]: those that show.
Points thinned(const Points& points, std::size_t most);

}  // namespace quern::runtime
