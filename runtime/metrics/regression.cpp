// Metrics of numbers. Rule: scikit-learn 1.9, sklearn.metrics.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "runtime/metrics/metrics.h"

namespace quern::runtime {
namespace {

using ir::Metric;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Rows with their weights, and means over them.
class Numbers {
 public:
  explicit Numbers(const NumberRows& rows) : rows_(rows) {}

  std::size_t size() const { return rows_.truth.size(); }
  double truth(std::size_t i) const { return rows_.truth[i]; }
  double predicted(std::size_t i) const { return rows_.predicted[i]; }
  double error(std::size_t i) const { return truth(i) - predicted(i); }
  double weight(std::size_t i) const { return rows_.weights.empty() ? 1 : rows_.weights[i]; }

  template <typename Of>
  double mean(Of of) const {
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      sum += weight(i) * of(i);
      total += weight(i);
    }
    return sum / total;
  }

  template <typename Of>
  double variance(Of of) const {
    const double center = mean(of);
    return mean([&](std::size_t i) { return (of(i) - center) * (of(i) - center); });
  }

 private:
  const NumberRows& rows_;
};

double mse(const Numbers& n) {
  return n.mean([&](std::size_t i) { return n.error(i) * n.error(i); });
}

double mape(const Numbers& n) {
  constexpr double kLeast = std::numeric_limits<double>::epsilon();
  return n.mean(
      [&](std::size_t i) { return std::abs(n.error(i)) / std::max(std::abs(n.truth(i)), kLeast); });
}

double max_error(const Numbers& n) {
  double out = 0;
  for (std::size_t i = 0; i < n.size(); ++i) out = std::max(out, std::abs(n.error(i)));
  return out;
}

/// The value that half of the weight lies below; where that falls between two rows, their mean.
double median_error(const Numbers& n) {
  std::vector<std::pair<double, double>> sorted;  // error, weight
  double total = 0;
  for (std::size_t i = 0; i < n.size(); ++i) {
    if (n.weight(i) == 0) continue;
    sorted.emplace_back(std::abs(n.error(i)), n.weight(i));
    total += n.weight(i);
  }
  std::sort(sorted.begin(), sorted.end());
  double below = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    below += sorted[i].second;
    if (below < total / 2) continue;
    const bool between = below == total / 2 && i + 1 < sorted.size();
    return between ? (sorted[i].first + sorted[i + 1].first) / 2 : sorted[i].first;
  }
  return kNone;
}

/// 1 - unexplained / spread; scikit-learn's choice where all true values are equal: 1 or 0.
double explained(const Numbers& n, double unexplained) {
  if (n.size() < 2) return kNone;
  const double spread = n.variance([&](std::size_t i) { return n.truth(i); });
  if (spread == 0) return unexplained == 0 ? 1 : 0;
  return 1 - unexplained / spread;
}

double explained_variance(const Numbers& n) {
  return explained(n, n.variance([&](std::size_t i) { return n.error(i); }));
}

/// True where every row is as `fits` says.
template <typename Fits>
bool all(const Numbers& n, Fits fits) {
  for (std::size_t i = 0; i < n.size(); ++i) {
    if (!fits(n.truth(i), n.predicted(i))) return false;
  }
  return true;
}

double msle(const Numbers& n) {
  if (!all(n, [](double y, double p) { return y > -1 && p > -1; })) return kNone;
  return n.mean([&](std::size_t i) {
    const double miss = std::log1p(n.predicted(i)) - std::log1p(n.truth(i));
    return miss * miss;
  });
}

double poisson_deviance(const Numbers& n) {
  if (!all(n, [](double y, double p) { return y >= 0 && p > 0; })) return kNone;
  return 2 * n.mean([&](std::size_t i) {
    const double y = n.truth(i), p = n.predicted(i);
    return (y == 0 ? 0 : y * std::log(y / p)) - y + p;
  });
}

double gamma_deviance(const Numbers& n) {
  if (!all(n, [](double y, double p) { return y > 0 && p > 0; })) return kNone;
  return 2 * n.mean([&](std::size_t i) {
    const double y = n.truth(i), p = n.predicted(i);
    return std::log(p / y) + y / p - 1;
  });
}

}  // namespace

double number_metric(Metric metric, const NumberRows& rows) {
  const Numbers n(rows);
  switch (metric) {
    case Metric::rmse: return std::sqrt(mse(n));
    case Metric::mse: return mse(n);
    case Metric::mae: return n.mean([&](std::size_t i) { return std::abs(n.error(i)); });
    case Metric::r2: return explained(n, mse(n));
    case Metric::mape: return mape(n);
    case Metric::median_absolute_error: return median_error(n);
    case Metric::max_error: return max_error(n);
    case Metric::explained_variance: return explained_variance(n);
    case Metric::rmsle: return std::sqrt(msle(n));
    case Metric::msle: return msle(n);
    case Metric::poisson_deviance: return poisson_deviance(n);
    case Metric::gamma_deviance: return gamma_deviance(n);
    case Metric::concordance: return concordance(rows);
    default: return kNone;
  }
}

double vector_metric(ir::Metric metric, const NumberRows& rows, std::size_t outputs) {
  if (outputs == 1) return number_metric(metric, rows);
  const auto count = rows.truth.size() / outputs;
  std::vector<float> predicted(count);
  std::vector<double> truth(count);
  double sum = 0;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t r = 0; r < count; ++r) {
      predicted[r] = rows.predicted[r * outputs + o];
      truth[r] = rows.truth[r * outputs + o];
    }
    const double value = number_metric(metric, {predicted, truth, rows.weights});
    sum += value;
    largest = std::max(largest, value);
  }
  return metric == Metric::max_error ? largest : sum / static_cast<double>(outputs);
}

}  // namespace quern::runtime
