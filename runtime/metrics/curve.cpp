// ROC and precision-recall curves and their areas, and calibration: one class against the rest.

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "runtime/metrics/metrics.h"

namespace quern::runtime {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Rows from the highest score down, as numbers that sort fast: probabilities are not below zero,
/// so their bits are in their order. The row stands in the lower half.
std::vector<std::uint64_t> ranked(const ClassRows& rows, std::size_t c) {
  std::vector<std::uint64_t> keys;
  keys.reserve(rows.truth.size());
  for (std::size_t i = 0; i < rows.truth.size(); ++i) {
    if (rows.weight(i) == 0) continue;
    const auto bits = std::bit_cast<std::uint32_t>(rows.score(i, c) + 0.0F);
    keys.push_back(static_cast<std::uint64_t>(~bits) << 32 | i);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

/// What a curve's end tells.
struct Totals {
  double positives = 0;
  double negatives = 0;
};

Totals totals(const ClassRows& rows, std::size_t c) {
  Totals out;
  for (std::size_t i = 0; i < rows.truth.size(); ++i)
    (rows.truth[i] == c ? out.positives : out.negatives) += rows.weight(i);
  return out;
}

/// The bin of a probability: scikit-learn's bins are closed above; zero belongs to the first.
std::size_t bin_of(double probability, int bins) {
  const double at = std::clamp<double>(std::ceil(probability * bins) - 1, 0, bins - 1);
  return static_cast<std::size_t>(at);
}

}  // namespace

Result<void> each_point(const ClassRows& rows, std::size_t c, const TakePoint& take) {
  const auto keys = ranked(rows, c);
  CurvePoint point;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const auto row = static_cast<std::uint32_t>(keys[k]);
    (rows.truth[row] == c ? point.true_positives : point.false_positives) += rows.weight(row);
    if (k + 1 < keys.size() && keys[k + 1] >> 32 == keys[k] >> 32) continue;
    point.threshold = rows.score(row, c);
    QUERN_CHECK(take(point));
  }
  return {};
}

double roc_auc(const ClassRows& rows, std::size_t c) {
  const auto all = totals(rows, c);
  if (all.positives == 0 || all.negatives == 0) return kNone;
  double area = 0;
  CurvePoint before;
  const auto add = [&](const CurvePoint& p) -> Result<void> {
    const double height = (p.true_positives + before.true_positives) / 2;
    area += (p.false_positives - before.false_positives) * height;
    before = p;
    return {};
  };
  // Two classes are ranked by the second one's score: the first one's curve is its mirror.
  (void)each_point(rows, rows.binary ? 1 : c, add);
  return area / all.positives / all.negatives;
}

double average_precision(const ClassRows& rows, std::size_t c) {
  const double positives = totals(rows, c).positives;
  if (positives == 0) return kNone;
  double sum = 0;
  CurvePoint before;
  const auto add = [&](const CurvePoint& p) -> Result<void> {
    const double gained = p.true_positives - before.true_positives;
    sum += gained / positives * p.true_positives / (p.true_positives + p.false_positives);
    before = p;
    return {};
  };
  (void)each_point(rows, c, add);
  return sum;
}

std::vector<CalibrationBin> calibration(const ClassRows& rows, std::size_t c, int bins) {
  std::vector<CalibrationBin> out(static_cast<std::size_t>(bins));
  std::vector<double> weights(out.size());
  for (int b = 0; b < bins; ++b) {
    out[static_cast<std::size_t>(b)].low = static_cast<double>(b) / bins;
    out[static_cast<std::size_t>(b)].high = static_cast<double>(b + 1) / bins;
  }
  for (std::size_t i = 0; i < rows.truth.size(); ++i) {
    const double probability = rows.probability(i, c);
    const auto at = bin_of(probability, bins);
    ++out[at].rows;
    weights[at] += rows.weight(i);
    out[at].mean_probability += rows.weight(i) * probability;
    out[at].positive_share += rows.truth[i] == c ? rows.weight(i) : 0;
  }
  for (std::size_t b = 0; b < out.size(); ++b) {
    out[b].mean_probability /= weights[b];
    out[b].positive_share /= weights[b];
  }
  return out;
}

}  // namespace quern::runtime
