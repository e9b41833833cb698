// Concordance of hazards and survival times, by sums over ranks.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "runtime/metrics/metrics.h"

namespace quern::runtime {
namespace {

/// Sums of weights by rank, each in O(log ranks). Source: Fenwick 1994.
class RankSums {
 public:
  explicit RankSums(std::size_t ranks) : sums_(ranks + 1) {}
  void add(std::size_t rank, double weight) {
    for (auto i = rank + 1; i < sums_.size(); i += i & (~i + 1)) sums_[i] += weight;
  }
  double below(std::size_t rank) const {
    double sum = 0;
    for (auto i = rank; i > 0; i -= i & (~i + 1)) sum += sums_[i];
    return sum;
  }

 private:
  std::vector<double> sums_;
};

class Concordance {
 public:
  explicit Concordance(const NumberRows& rows)
      : rows_(rows), ranks_(rank(rows.predicted)), later_(rows.truth.size()) {}

  double value() {
    std::vector<std::size_t> order(rows_.truth.size());
    std::iota(order.begin(), order.end(), 0);
    // The latest first; at one time those last seen then outlive those whose time it was.
    std::sort(order.begin(), order.end(), [&](auto a, auto b) {
      const double x = std::abs(rows_.truth[a]), y = std::abs(rows_.truth[b]);
      return x != y ? x > y : rows_.truth[a] < rows_.truth[b];
    });
    for (std::size_t begin = 0; begin < order.size();) {
      auto end = begin;
      while (end < order.size() && rows_.truth[order[end]] == rows_.truth[order[begin]]) ++end;
      const std::span same(order.begin() + static_cast<std::ptrdiff_t>(begin), end - begin);
      if (rows_.truth[order[begin]] > 0)
        std::for_each(same.begin(), same.end(), [&](auto i) { judge(i); });
      for (const auto i : same) later_.add(ranks_[i], weight(i));
      begin = end;
    }
    return right_ / pairs_;
  }

 private:
  /// The number of distinct lower values.
  static std::vector<std::size_t> rank(std::span<const float> values) {
    std::vector<float> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::vector<std::size_t> out;
    for (const float v : values) {
      const auto at = std::lower_bound(sorted.begin(), sorted.end(), v);
      out.push_back(static_cast<std::size_t>(at - sorted.begin()));
    }
    return out;
  }

  double weight(std::size_t i) const { return rows_.weights.empty() ? 1 : rows_.weights[i]; }

  /// Adds the pairs in which row i is the earlier one: its hazard should be the larger.
  void judge(std::size_t i) {
    const double lower = later_.below(ranks_[i]), upto = later_.below(ranks_[i] + 1);
    right_ += weight(i) * (lower + (upto - lower) / 2);
    pairs_ += weight(i) * later_.below(rows_.truth.size());
  }

  const NumberRows& rows_;
  std::vector<std::size_t> ranks_;
  RankSums later_;
  double right_ = 0;
  double pairs_ = 0;
};

}  // namespace

double concordance(const NumberRows& rows) { return Concordance(rows).value(); }

}  // namespace quern::runtime
