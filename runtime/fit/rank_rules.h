#pragma once
// Rules by which the order of a feature's values tells a number: how much of its variance they
// explain.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace quern::runtime {

/// Values of a feature in rising order, equal ones together; missing ones are the last group.
struct ValueGroups {
  std::vector<std::uint32_t> rows;    ///< places, by value
  std::vector<std::uint32_t> begins;  ///< of each group in `rows`, and at last their number
  bool missing = false;               ///< the last group is that of missing values

  std::size_t count() const { return begins.size() - 1; }
  std::span<const std::uint32_t> group(std::size_t g) const {
    return std::span(rows).subspan(begins[g], begins[g + 1] - begins[g]);
  }
};

/// Sorts values; NaN is missing.
ValueGroups group_values(std::span<const float> values);

/// Ranks from 0 up; equal values share the mean of theirs. \param order  of the groups; empty: as
/// they are.
std::vector<double> ranks_of(const ValueGroups& groups, std::span<const std::size_t> order = {});

double sum_of(std::span<const std::uint32_t> rows, const std::vector<double>& target);

/// How much of the variance of a target, ranks from 0 up, a feature explains on rows that did not
/// make the rule. Each share is 1 for all; where it is below `least` it is any number below that.
class RankRules {
 public:
  /// Both must outlive it.
  RankRules(const ValueGroups& groups, const std::vector<double>& target);

  /// By the mean of the other rows of the same value; a value that comes once tells nothing.
  double by_value(double least) const;
  /// By lying between the neighbours, a value that comes once; others by value.
  double by_neighbours(double least) const;
  /// By up to 32 straight lines behind one another: what turns more often is not told.
  double by_lines(double least) const;

 private:
  class Line;
  double of_group(std::span<const std::uint32_t> rows) const;
  double of_single(std::size_t g) const;
  double between(std::size_t g) const;
  double mean(std::size_t g) const;
  double share(double residuals) const { return variance_ == 0 ? 0 : 1 - residuals / variance_; }

  const ValueGroups& groups_;
  const std::vector<double>& target_;
  std::size_t ordered_;  ///< groups that have a place in the order, the first ones
  double middle_;        ///< the mean of all ranks
  double variance_ = 0;  ///< times the number of rows
};

}  // namespace quern::runtime
