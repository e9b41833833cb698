// ROC and precision-recall curves, and their areas.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "runtime/metrics/metrics.h"

namespace quern::runtime {

std::vector<CurvePoint> curve(std::span<const double> scores, const std::vector<bool>& truth) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
  std::vector<CurvePoint> points;
  CurvePoint point;
  for (std::size_t i = 0; i < order.size(); ++i) {
    truth[order[i]] ? ++point.true_positives : ++point.false_positives;
    const bool last_of_score = i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]];
    if (!last_of_score) continue;
    point.threshold = scores[order[i]];
    points.push_back(point);
  }
  return points;
}

double roc_auc(const std::vector<CurvePoint>& points) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (points.empty() || points.back().true_positives == 0 || points.back().false_positives == 0)
    return kNone;
  double area = 0;
  CurvePoint before;
  for (const auto& p : points) {
    const auto height = static_cast<double>(p.true_positives + before.true_positives) / 2;
    area += static_cast<double>(p.false_positives - before.false_positives) * height;
    before = p;
  }
  return area / static_cast<double>(before.true_positives) /
         static_cast<double>(before.false_positives);
}

double average_precision(const std::vector<CurvePoint>& points) {
  if (points.empty() || points.back().true_positives == 0)
    return std::numeric_limits<double>::quiet_NaN();
  const auto positives = static_cast<double>(points.back().true_positives);
  double sum = 0;
  CurvePoint before;
  for (const auto& p : points) {
    const auto called = static_cast<double>(p.true_positives + p.false_positives);
    const auto gained = static_cast<double>(p.true_positives - before.true_positives);
    sum += gained / positives * static_cast<double>(p.true_positives) / called;
    before = p;
  }
  return sum;
}

std::vector<CalibrationBin> calibration(std::span<const double> positive,
                                        std::span<const std::uint32_t> truth, int bins) {
  std::vector<CalibrationBin> out(static_cast<std::size_t>(bins));
  for (int b = 0; b < bins; ++b) {
    out[static_cast<std::size_t>(b)].low = static_cast<double>(b) / bins;
    out[static_cast<std::size_t>(b)].high = static_cast<double>(b + 1) / bins;
  }
  for (std::size_t i = 0; i < positive.size(); ++i) {
    // scikit-learn's bins are closed above; zero belongs to the first.
    const auto at = std::clamp<double>(std::ceil(positive[i] * bins) - 1, 0, bins - 1);
    auto& bin = out[static_cast<std::size_t>(at)];
    ++bin.rows;
    bin.mean_probability += positive[i];
    bin.positive_share += truth[i];
  }
  for (auto& bin : out) {
    const auto rows = static_cast<double>(bin.rows);
    bin.mean_probability /= rows;  // NaN for an empty bin
    bin.positive_share /= rows;
  }
  return out;
}

}  // namespace quern::runtime
