// Metrics of numbers. Rule: scikit-learn 1.9, sklearn.metrics.

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/metrics/metrics.h"

namespace quern::runtime {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double variance(const std::vector<double>& values) {
  const double m = mean(values);
  double sum = 0;
  for (const double v : values) sum += (v - m) * (v - m);
  return sum / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// 1 - unexplained / spread; scikit-learn's choice where all true values are equal: 1 or 0.
double explained(double unexplained, double spread, std::size_t rows) {
  if (rows < 2) return kNone;
  if (spread == 0) return unexplained == 0 ? 1 : 0;
  return 1 - unexplained / spread;
}

double rmsle(std::span<const double> predicted, std::span<const double> truth) {
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (predicted[i] < 0 || truth[i] < 0) return kNone;
    const double miss = std::log1p(predicted[i]) - std::log1p(truth[i]);
    sum += miss * miss;
  }
  return std::sqrt(sum / static_cast<double>(truth.size()));
}

}  // namespace

std::vector<Metric> regression_metrics(std::span<const double> predicted,
                                       std::span<const double> truth) {
  std::vector<double> errors(truth.size()), sizes(truth.size()), shares(truth.size()),
      squares(truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    errors[i] = truth[i] - predicted[i];
    sizes[i] = std::abs(errors[i]);
    squares[i] = errors[i] * errors[i];
    shares[i] = sizes[i] / std::max(std::abs(truth[i]), std::numeric_limits<double>::epsilon());
  }
  const double mse = mean(squares);
  const double spread = variance({truth.begin(), truth.end()});
  return {{"rmse", std::sqrt(mse)},
          {"mae", mean(sizes)},
          {"mse", mse},
          {"r2", explained(mse, spread, truth.size())},
          {"mape", mean(shares)},
          {"median_absolute_error", median(sizes)},
          {"max_error", *std::max_element(sizes.begin(), sizes.end())},
          {"explained_variance", explained(variance(errors), spread, truth.size())},
          {"rmsle", rmsle(predicted, truth)}};
}

}  // namespace quern::runtime
