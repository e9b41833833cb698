#pragma once
// The values of metrics. Each is scikit-learn's (1.9) of its name, computed in double, on
// probabilities where the metric is of probabilities.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/ir/metrics.h"

namespace quern::runtime {

/// Weights of rows by true class and called class; a row of no weight of its own counts 1.
class Confusion {
 public:
  explicit Confusion(std::size_t classes) : classes_(classes), sums_(classes * classes) {}
  void add(std::size_t truth, std::size_t called, double weight = 1) {
    sums_[truth * classes_ + called] += weight;
  }
  std::size_t classes() const { return classes_; }
  double at(std::size_t truth, std::size_t called) const {
    return sums_[truth * classes_ + called];
  }
  double of_truth(std::size_t c) const;
  double called(std::size_t c) const;
  double total() const;

 private:
  std::size_t classes_;
  std::vector<double> sums_;
};

/// Rows whose label is a class.
struct ClassRows {
  std::size_t classes = 2;
  bool binary = true;
  /// Of class 1, [rows], where there are two; else [rows, classes]. Empty where the model has none.
  std::span<const float> probabilities;
  std::span<const std::uint32_t> truth;
  std::span<const double> weights = {};  ///< empty: each row counts once

  double weight(std::size_t row) const { return weights.empty() ? 1 : weights[row]; }
  /// Of class 1 where there are two, whatever `c`: it ranks rows as well as the other does.
  float score(std::size_t row, std::size_t c) const {
    return binary ? probabilities[row] : probabilities[row * classes + c];
  }
  double probability(std::size_t row, std::size_t c) const {
    return binary && c == 0 ? 1 - static_cast<double>(score(row, 1)) : score(row, c);
  }
};

/// NaN where the metric is not defined for these rows, or needs probabilities that are not there.
/// \param beta of Metric::fbeta.
double class_metric(ir::Metric metric, const ClassRows& rows, const Confusion& confusion,
                    double beta = 1);

/// Precision, recall and F1 of one class; 0 where a quotient has no denominator.
struct ClassScores {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  double support = 0;  ///< weight of the rows of the class
};
ClassScores class_scores(const Confusion& confusion, std::size_t c);

/// -log of the probability of a row's own class, kept away from 0 and 1 by the spacing of float32
/// at 1, as scikit-learn does for float32.
double surprise(double probability);

/// Rows whose label is a number.
struct NumberRows {
  std::span<const float> predicted;
  std::span<const double> truth;
  std::span<const double> weights = {};  ///< empty: each row counts once
};

/// NaN where the metric is not defined for these rows.
double number_metric(ir::Metric metric, const NumberRows& rows);

/// The mean over the outputs of rows that have several, of max_error the largest, as
/// scikit-learn's multioutput 'uniform_average'. \param rows  row-major [rows, outputs], a weight
/// a row. NaN where the metric is not defined for one of them.
double vector_metric(ir::Metric metric, const NumberRows& rows, std::size_t outputs);

/// The share of pairs of rows that hazards order as their times did, ties counting one half. A time
/// below zero was last seen then; such a row is the later one of a pair only. NaN without pairs.
/// Rule: Harrell 1982. Cost: O(rows log rows).
double concordance(const NumberRows& rows);

/// One point of a curve over all thresholds, from the highest score down.
struct CurvePoint {
  double threshold = 0;  ///< rows with a score at least this are called positive
  double true_positives = 0;
  double false_positives = 0;
};
using TakePoint = std::function<Result<void>(const CurvePoint&)>;

/// Calls `take` for each distinct score of class `c` against the rest; rows of weight 0 are left
/// out. Holds 8 bytes a row; up to 2^32 rows. Errors: those of `take`.
Result<void> each_point(const ClassRows& rows, std::size_t c, const TakePoint& take);

/// Areas under the curves of class `c` against the rest; NaN without both kinds of rows (roc), or
/// without positives (pr).
double roc_auc(const ClassRows& rows, std::size_t c);
double average_precision(const ClassRows& rows, std::size_t c);

/// Rows by the probability of class `c` in bins of equal width, closed above, as scikit-learn's
/// calibration_curve. Means of an empty bin are NaN.
struct CalibrationBin {
  double low = 0;
  double high = 0;
  std::int64_t rows = 0;
  double mean_probability = 0;
  double positive_share = 0;
};
std::vector<CalibrationBin> calibration(const ClassRows& rows, std::size_t c, int bins);

}  // namespace quern::runtime
