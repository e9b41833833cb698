// Columns of reports as numbers.

#include "cli/charts/chart_data.h"

#include <cmath>
#include <cstdlib>
#include <map>

#include "cli/visible_text.h"

namespace quern::cli {
namespace {

/// A number of a column; nullopt for NULL and what is not finite.
std::optional<double> number_at(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return std::nullopt;
  char* end = nullptr;
  const auto text = format_value(column, row);
  const double value = std::strtod(text.c_str(), &end);
  return end != text.c_str() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// Two of the last columns as x and y, counted from the end; a column in front of the expected ones
/// names the class.
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

}  // namespace

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

std::optional<LineChart> line_chart_of(Chart chart, const std::vector<ColumnBatch>& rows) {
  switch (chart) {
    case Chart::roc:
      return LineChart{"true positive rate", "false positive rate", curves(rows, 3, 2, 1), true,
                       true};
    case Chart::precision_recall:
      return LineChart{"precision", "recall", curves(rows, 3, 1, 2), true, false};
    case Chart::calibration:
      return LineChart{"share of positives", "mean probability", curves(rows, 5, 2, 1), true, true};
    case Chart::none:
    case Chart::confusion:
    case Chart::attributions: break;
  }
  return std::nullopt;
}

double ConfusionCounts::share(std::size_t actual, std::size_t predicted) const {
  double all = 0;
  for (std::size_t p = 0; p < classes.size(); ++p) all += at(actual, p);
  return all > 0 ? at(actual, predicted) / all : 0;
}

std::optional<ConfusionCounts> confusion_of(const std::vector<ColumnBatch>& rows,
                                            std::size_t most) {
  ConfusionCounts out;
  for (const auto& batch : rows) {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      const auto actual = visible(format_value(batch.columns[0], r));
      if (out.classes.empty() || out.classes.back() != actual) out.classes.push_back(actual);
      out.counts.push_back(number_at(batch.columns[2], r).value_or(0));
    }
  }
  const auto n = out.classes.size();
  if (n < 2 || n > most || out.counts.size() != n * n) return std::nullopt;
  return out;
}

Attributions attributions_of(const Schema& schema, const std::vector<ColumnBatch>& rows,
                             std::size_t most) {
  Attributions out;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    FeatureAttributions feature{visible(schema[c].name)};
    for (const auto& batch : rows) {
      for (std::int64_t r = 0; r < batch.rows; ++r) {
        const auto value = number_at(batch.columns[c], r);
        if (value) feature.values.push_back(*value);
      }
    }
    for (const double v : feature.values) {
      feature.mean += std::abs(v) / static_cast<double>(feature.values.size());
      out.reach = std::max(out.reach, std::abs(v));
    }
    if (is_number(schema[c].type.kind) && feature.values.size() > 1)
      out.features.push_back(std::move(feature));
  }
  std::stable_sort(out.features.begin(), out.features.end(),
                   [](const auto& a, const auto& b) { return a.mean > b.mean; });
  if (out.features.size() > most) out.features.resize(most);
  return out;
}

}  // namespace quern::cli
