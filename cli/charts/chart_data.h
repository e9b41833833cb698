#pragma once
// What a chart shows, taken out of a report's rows; how it is drawn is another question.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/quern.hpp"

namespace quern::cli {

/// Points in order of x; each series has a colour of its own.
struct ChartSeries {
  std::string name;
  std::vector<std::pair<double, double>> points = {};
};

struct LineChart {
  std::string title;
  std::string x_name;
  std::vector<ChartSeries> series = {};
  bool unit_square = false;  ///< both axes from 0 to 1
  bool diagonal = false;     ///< the line of a model that knows nothing
};

/// The ends of an axis.
struct Bounds {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// From 0 to 1.
  double place(double value) const {
    return high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5;
  }
  bool known() const { return low <= high; }
};

/// Of x and y.
std::pair<Bounds, Bounds> bounds_of(const LineChart& chart);

/// The curves of a report that has some; nullopt for the other kinds.
std::optional<LineChart> line_chart_of(Chart chart, const std::vector<ColumnBatch>& rows);

struct ConfusionCounts {
  std::vector<std::string> classes;
  std::vector<double> counts = {};  ///< by actual class, in it by the predicted one

  double at(std::size_t actual, std::size_t predicted) const {
    return counts[actual * classes.size() + predicted];
  }
  /// Of an actual class's rows.
  double share(std::size_t actual, std::size_t predicted) const;
};

/// Nullopt where the rows are not all pairs of at least two and at most `most` classes.
std::optional<ConfusionCounts> confusion_of(const std::vector<ColumnBatch>& rows, std::size_t most);

struct FeatureAttributions {
  std::string name;
  std::vector<double> values = {};
  double mean = 0;  ///< of their sizes
};

struct Attributions {
  std::vector<FeatureAttributions> features = {};  ///< the largest mean first
  double reach = 0;  ///< the largest size of all; 0 where there is nothing to show
};

/// \param most  features.
Attributions attributions_of(const Schema& schema, const std::vector<ColumnBatch>& rows,
                             std::size_t most);

}  // namespace quern::cli
