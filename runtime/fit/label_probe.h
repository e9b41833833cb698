#pragma once
// How well a single feature tells the label, judged on rows that did not make the rule.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/fit/rank_rules.h"

namespace quern::runtime {

/// Holds the labels of some rows against one feature after another. Order of the rows does not
/// matter. Not thread-safe.
class LabelProbe {
 public:
  /// \param classes  labels are the numbers of so many classes; 0: they are numbers. Numbers of at
  /// most kFewNumbers values are judged as classes are.
  LabelProbe(std::span<const float> labels, std::size_t classes);

  static constexpr std::size_t kFewNumbers = 16;
  static constexpr std::size_t kLeastRows = 50;
  static constexpr std::size_t kLeastOthers = 10;

  /// False where the rows are too few, or too few of them are of other classes than the most
  /// frequent one: then chance makes a rule of anything.
  bool can_judge() const;

  /// False where a feature that only so many rows have cannot reach the score `least`, for all
  /// others would be told the same: of classes the bound is exact, of numbers it is one half for
  /// scores from 0.9 up.
  bool can_tell(std::size_t rows, double least) const {
    return static_cast<double>(rows) >= (of_classes() ? least : 0.5) * static_cast<double>(others_);
  }

  /// 1 where the feature tells the label of every row, 0 where it is as good as none. Exact from
  /// `least` up; below that some number that is below it. Missing is a value. Cost: a sort.
  ///
  /// Of classes: 1 - wrong rows / rows that are not of the most frequent class, by the better of
  /// two rules. Each value has the most frequent class of the other rows with that value; or, of
  /// numbers, ranges of values have a class each: as many ranges as classes, each further one
  /// counts as a wrong row. Of numbers: the share of the variance of the labels' ranks that the
  /// best of RankRules' rules explains.
  /// \param category  the values have no order.
  double score(std::span<const float> values, bool category, double least);

  /// Of numbers: the same with the sides exchanged, for features that are made of the label and
  /// hold less than it does: it is rounded, or divided into ranges. Of the values of the last
  /// score(); categories are ordered by the mean rank of their labels.
  double reversed(double least) const;

  /// Labels are judged as classes.
  bool of_classes() const { return classes_ > 0; }
  /// The share of rows of the most frequent class, and of those that a score stands for.
  double frequent_share() const;
  double right_share(double score) const { return 1 - (1 - score) * (1 - frequent_share()); }

 private:
  double rank_score(double least) const;
  std::int64_t wrong_by_value(std::int64_t limit);
  std::int64_t wrong_by_range(std::int64_t limit);
  std::int64_t wrong_in(std::span<const std::uint32_t> rows) const;
  void count_classes(std::span<const std::uint32_t> rows);
  void forget_classes(std::span<const std::uint32_t> rows);

  std::size_t classes_ = 0;
  std::vector<std::uint32_t> labels_;  ///< classes
  std::vector<double> ranks_;          ///< of numbers
  ValueGroups by_label_;
  std::size_t frequent_ = 0;  ///< the most frequent class
  std::int64_t others_ = 0;   ///< rows of others
  ValueGroups groups_;        ///< of the feature at hand
  bool category_ = false;
  std::vector<std::int64_t> counts_;  ///< scratch: of each class, 0 between groups
};

}  // namespace quern::runtime
