// Distances, beginnings, means.

#include "runtime/engines/clusters/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quern::runtime::clusters {
namespace {

double squared_distance(const float* a, const double* b, std::int32_t columns) {
  double sum = 0;
  for (std::int32_t c = 0; c < columns; ++c) {
    const double d = a[c] - b[c];
    sum += d * d;
  }
  return sum;
}

double squared_distance(const float* a, const float* b, std::int32_t columns) {
  double sum = 0;
  for (std::int32_t c = 0; c < columns; ++c) {
    const double d = double{a[c]} - b[c];
    sum += d * d;
  }
  return sum;
}

/// The first place where the running sum of `shares` passes `draw`, a share of the total.
std::int64_t drawn(const std::vector<double>& shares, double total, double draw) {
  double sum = 0;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    sum += shares[i];
    if (shares[i] > 0) last = static_cast<std::int64_t>(i);
    if (sum > draw * total) return static_cast<std::int64_t>(i);
  }
  return last;
}

/// Squared distances to the nearest of the centres and row `candidate`, times weights; their sum.
double shares_with(const Points& points, const std::vector<double>& shares, std::int64_t candidate,
                   std::vector<double>& out) {
  double sum = 0;
  out.resize(shares.size());
  for (std::int64_t r = 0; r < points.rows; ++r) {
    const auto i = static_cast<std::size_t>(r);
    const double distance = squared_distance(points.row(r), points.row(candidate), points.columns);
    out[i] = std::min(shares[i], points.weights[i] * distance);
    sum += out[i];
  }
  return sum;
}

}  // namespace

void Points::add(const float* row, double weight) {
  values.insert(values.end(), row, row + columns);
  weights.push_back(weight);
  ++rows;
}

Centres::Centres(std::vector<double> values, const std::vector<double>& origin)
    : columns_(static_cast<std::int32_t>(origin.size())),
      count_(static_cast<std::int32_t>(values.size() / origin.size())),
      values_(std::move(values)),
      weights_(values_.size()),
      biases_(static_cast<std::size_t>(count_)),
      turned_(values_.size()),
      scores_(biases_.size()) {
  const auto count = biases_.size();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const auto k = i / origin.size();
    const auto c = i % origin.size();
    const auto w = static_cast<float>(values_[i] - origin[c]);
    weights_[i] = w;
    turned_[c * count + k] = w;
    biases_[k] -= (origin[c] + double{w} / 2) * w;
  }
}

Nearest Centres::nearest(const float* row) {
  for (std::size_t k = 0; k < scores_.size(); ++k) scores_[k] = static_cast<float>(biases_[k]);
  for (std::int32_t c = 0; c < columns_; ++c) {
    const float x = row[c];
    const float* centres = turned_.data() + static_cast<std::int64_t>(c) * count_;
    for (std::size_t k = 0; k < scores_.size(); ++k) scores_[k] += x * centres[k];
  }
  const auto best =
      static_cast<std::int32_t>(std::max_element(scores_.begin(), scores_.end()) - scores_.begin());
  const double* centre = values_.data() + std::int64_t{best} * columns_;
  return {best, squared_distance(row, centre, columns_)};
}

std::vector<double> choose_centres(const Points& points, std::int32_t clusters,
                                   training::Random& random) {
  const int tries = 2 + static_cast<int>(std::log(clusters));
  std::vector<double> shares = points.weights, best, kept, centres;
  double total = 0;
  for (const double weight : points.weights) total += weight;
  // Before the first one, all rows are as far as one another.
  auto chosen = drawn(shares, total, random.uniform());
  std::fill(shares.begin(), shares.end(), std::numeric_limits<double>::infinity());
  total = shares_with(points, shares, chosen, kept);
  for (std::int32_t k = 0;; ++k) {
    shares.swap(kept);
    centres.insert(centres.end(), points.row(chosen), points.row(chosen) + points.columns);
    if (k + 1 == clusters || total <= 0) return centres;
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < tries; ++i) {
      const auto candidate = drawn(shares, total, random.uniform());
      const double sum = shares_with(points, shares, candidate, best);
      if (sum >= least) continue;
      least = sum;
      chosen = candidate;
      kept.swap(best);
    }
    total = least;
  }
}

Iteration::Iteration(Centres& centres, std::int32_t columns)
    : centres_(centres),
      columns_(columns),
      sums_(centres.values().size()),
      weights_(static_cast<std::size_t>(centres.count())),
      sizes_(weights_.size()) {}

void Iteration::add(const float* row, double weight) {
  const auto nearest = centres_.nearest(row);
  const auto cluster = static_cast<std::size_t>(nearest.cluster);
  inertia_ += weight * nearest.distance;
  weights_[cluster] += weight;
  sizes_[cluster] += 1;
  double* sum = sums_.data() + std::int64_t{nearest.cluster} * columns_;
  for (std::int32_t c = 0; c < columns_; ++c) sum[c] += weight * row[c];
  if (weight > 0) keep_far(row, weight, nearest);
}

void Iteration::keep_far(const float* row, double weight, const Nearest& nearest) {
  const auto farther = [](const Far& a, const Far& b) { return a.distance > b.distance; };
  const bool full = far_.size() == weights_.size();
  if (nearest.distance <= (full ? far_.front().distance : 0)) return;
  if (full) {
    std::pop_heap(far_.begin(), far_.end(), farther);
    far_.pop_back();
  }
  far_.push_back({nearest.distance, weight, nearest.cluster, {row, row + columns_}});
  std::push_heap(far_.begin(), far_.end(), farther);
}

void Iteration::move_empty() {
  std::sort(far_.begin(), far_.end(),
            [](const Far& a, const Far& b) { return a.distance < b.distance; });
  for (std::size_t k = 0; k < weights_.size() && !far_.empty(); ++k) {
    if (weights_[k] > 0) continue;
    const auto& far = far_.back();
    const auto from = static_cast<std::size_t>(far.cluster);
    // A cluster's only row stays with it.
    if (weights_[from] > far.weight) {
      weights_[from] -= far.weight;
      weights_[k] = far.weight;
      for (std::int32_t c = 0; c < columns_; ++c) {
        const auto place = static_cast<std::size_t>(c);
        sums_[from * static_cast<std::size_t>(columns_) + place] -= far.weight * far.row[place];
        sums_[k * static_cast<std::size_t>(columns_) + place] = far.weight * far.row[place];
      }
    }
    far_.pop_back();
  }
}

std::vector<double> Iteration::means() {
  move_empty();
  auto out = sums_;
  for (std::size_t k = 0; k < weights_.size(); ++k) {
    for (std::int32_t c = 0; c < columns_; ++c) {
      const auto place = k * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(c);
      out[place] = weights_[k] > 0 ? out[place] / weights_[k] : centres_.values()[place];
    }
  }
  return out;
}

}  // namespace quern::runtime::clusters
