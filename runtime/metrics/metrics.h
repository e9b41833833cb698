#pragma once
// The metrics of TO EVALUATE. Every name and value is scikit-learn's (1.9): computed in double, on
// probabilities where the metric is of probabilities.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace quern::runtime {

/// NaN where the metric is not defined for these rows (one class only, fewer than two rows).
struct Metric {
  std::string name;
  double value = 0;
};

/// Counts by true class (row) and predicted class (column), row-major, shape [classes, classes].
class Confusion {
 public:
  explicit Confusion(std::size_t classes) : classes_(classes), counts_(classes * classes) {}
  void add(std::size_t truth, std::size_t predicted) { ++counts_[truth * classes_ + predicted]; }
  std::size_t classes() const { return classes_; }
  std::int64_t at(std::size_t truth, std::size_t predicted) const {
    return counts_[truth * classes_ + predicted];
  }
  std::int64_t true_rows(std::size_t c) const;
  std::int64_t predicted_rows(std::size_t c) const;
  std::int64_t rows() const;

 private:
  std::size_t classes_;
  std::vector<std::int64_t> counts_;
};

/// Precision, recall, F1 and rows of one class; 0 where a quotient has no denominator.
struct ClassScores {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::int64_t support = 0;
};
ClassScores class_scores(const Confusion& confusion, std::size_t c);

/// Two classes. \param positive probability of class 1 for each row. \param truth 0 or 1.
/// accuracy, precision, recall, f1, roc_auc, average_precision, log_loss, brier_score,
/// balanced_accuracy, mcc, cohen_kappa.
std::vector<Metric> binary_metrics(std::span<const double> positive,
                                   std::span<const std::uint32_t> truth,
                                   const Confusion& confusion);

/// \param probabilities row-major, shape [rows, classes].
/// accuracy, balanced_accuracy, precision_macro, recall_macro, f1_macro, f1_weighted, log_loss,
/// roc_auc_ovr, mcc, cohen_kappa.
std::vector<Metric> multiclass_metrics(std::span<const double> probabilities,
                                       std::span<const std::uint32_t> truth,
                                       const Confusion& confusion);

/// rmse, mae, mse, r2, mape, median_absolute_error, max_error, explained_variance, and rmsle where
/// no value is below zero (else NaN).
std::vector<Metric> regression_metrics(std::span<const double> predicted,
                                       std::span<const double> truth);

/// One point of a curve over all thresholds, from the highest score down.
struct CurvePoint {
  double threshold = 0;  ///< rows with a score at least this are called positive
  std::int64_t true_positives = 0;
  std::int64_t false_positives = 0;
};

/// A point for each distinct score. \param truth whether each row is positive.
std::vector<CurvePoint> curve(std::span<const double> scores, const std::vector<bool>& truth);

/// Areas under the curves of curve(); NaN without both kinds of rows (roc), or without positives
/// (pr).
double roc_auc(const std::vector<CurvePoint>& points);
double average_precision(const std::vector<CurvePoint>& points);

/// Rows by predicted probability in bins of equal width, as scikit-learn's calibration_curve.
struct CalibrationBin {
  double low = 0;
  double high = 0;
  std::int64_t rows = 0;
  double mean_probability = 0;
  double positive_share = 0;
};
std::vector<CalibrationBin> calibration(std::span<const double> positive,
                                        std::span<const std::uint32_t> truth, int bins);

}  // namespace quern::runtime
