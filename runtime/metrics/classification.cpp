// Metrics of classes. Rule: scikit-learn 1.9, sklearn.metrics; zero_division=0.

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/metrics/metrics.h"

namespace quern::runtime {
namespace {

using ir::Metric;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double quotient(double a, double b) { return b == 0 ? 0 : a / b; }

double accuracy(const Confusion& c) {
  double right = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) right += c.at(k, k);
  return right / c.total();
}

/// The mean recall of the classes that occur.
double balanced_accuracy(const Confusion& c) {
  double sum = 0, present = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    if (c.of_truth(k) == 0) continue;
    sum += class_scores(c, k).recall;
    ++present;
  }
  return sum / present;
}

/// Matthews' correlation in Gorodkin's form for any number of classes.
double mcc(const Confusion& c) {
  const double total = c.total();
  double right = 0, both = 0, truth_squares = 0, called_squares = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    const double truth = c.of_truth(k), called = c.called(k);
    right += c.at(k, k);
    both += truth * called;
    truth_squares += truth * truth;
    called_squares += called * called;
  }
  const double spread = (total * total - called_squares) * (total * total - truth_squares);
  return spread == 0 ? 0 : (right * total - both) / std::sqrt(spread);
}

double cohen_kappa(const Confusion& c) {
  const double total = c.total();
  double expected = 0, right = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    expected += c.of_truth(k) * c.called(k) / total;
    right += c.at(k, k);
  }
  return total == expected ? kNone : 1 - (total - right) / (total - expected);
}

double fbeta(const Confusion& c, double beta) {
  const double squared = beta * beta, right = c.at(1, 1);
  return quotient((1 + squared) * right, squared * c.of_truth(1) + c.called(1));
}

/// The weighted mean of what `of` gives for each row.
template <typename Of>
double mean(const ClassRows& rows, Of of) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < rows.truth.size(); ++i) {
    sum += rows.weight(i) * of(i);
    total += rows.weight(i);
  }
  return sum / total;
}

double log_loss(const ClassRows& rows) {
  return mean(rows, [&](std::size_t i) { return surprise(rows.probability(i, rows.truth[i])); });
}

double brier_score(const ClassRows& rows) {
  return mean(rows, [&](std::size_t i) {
    const double miss = rows.probability(i, 1) - rows.truth[i];
    return miss * miss;
  });
}

/// The unweighted mean of each class against the rest; every class must occur.
double roc_auc_ovr(const ClassRows& rows) {
  double sum = 0;
  for (std::size_t k = 0; k < rows.classes; ++k) sum += roc_auc(rows, k);
  return sum / static_cast<double>(rows.classes);
}

/// Means over the classes that occur in the rows or among the predictions, as scikit-learn's unique
/// labels; or by the weight of each class.
template <typename Of>
double over_classes(const Confusion& c, bool by_weight, Of of) {
  double sum = 0, total = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    if (c.of_truth(k) == 0 && c.called(k) == 0) continue;
    const auto scores = class_scores(c, k);
    const double weight = by_weight ? scores.support : 1;
    sum += weight * of(scores);
    total += weight;
  }
  return sum / total;
}

double of_probability(Metric metric, const ClassRows& rows) {
  if (rows.probabilities.empty()) return kNone;
  switch (metric) {
    case Metric::roc_auc: return roc_auc(rows, 1);
    case Metric::average_precision: return average_precision(rows, 1);
    case Metric::log_loss: return log_loss(rows);
    case Metric::brier_score: return brier_score(rows);
    case Metric::roc_auc_ovr: return roc_auc_ovr(rows);
    default: return kNone;
  }
}

}  // namespace

double Confusion::of_truth(std::size_t c) const {
  double sum = 0;
  for (std::size_t k = 0; k < classes_; ++k) sum += at(c, k);
  return sum;
}

double Confusion::called(std::size_t c) const {
  double sum = 0;
  for (std::size_t k = 0; k < classes_; ++k) sum += at(k, c);
  return sum;
}

double Confusion::total() const {
  double sum = 0;
  for (const double weight : sums_) sum += weight;
  return sum;
}

ClassScores class_scores(const Confusion& confusion, std::size_t c) {
  const double right = confusion.at(c, c);
  ClassScores out{.support = confusion.of_truth(c)};
  const double called = confusion.called(c);
  out.precision = quotient(right, called);
  out.recall = quotient(right, out.support);
  out.f1 = quotient(2 * right, out.support + called);
  return out;
}

double surprise(double probability) {
  constexpr double kLeast = std::numeric_limits<float>::epsilon();
  return -std::log(std::clamp(probability, kLeast, 1 - kLeast));
}

double class_metric(Metric metric, const ClassRows& rows, const Confusion& c, double beta) {
  switch (metric) {
    case Metric::accuracy: return accuracy(c);
    case Metric::zero_one_loss: return 1 - accuracy(c);
    case Metric::balanced_accuracy: return balanced_accuracy(c);
    case Metric::mcc: return mcc(c);
    case Metric::cohen_kappa: return cohen_kappa(c);
    case Metric::precision: return class_scores(c, 1).precision;
    case Metric::recall: return class_scores(c, 1).recall;
    case Metric::f1: return class_scores(c, 1).f1;
    case Metric::fbeta: return fbeta(c, beta);
    case Metric::specificity: return class_scores(c, 0).recall;
    case Metric::true_positives: return c.at(1, 1);
    case Metric::false_positives: return c.at(0, 1);
    case Metric::false_negatives: return c.at(1, 0);
    case Metric::true_negatives: return c.at(0, 0);
    case Metric::precision_macro:
      return over_classes(c, false, [](const auto& s) { return s.precision; });
    case Metric::recall_macro:
      return over_classes(c, false, [](const auto& s) { return s.recall; });
    case Metric::f1_macro: return over_classes(c, false, [](const auto& s) { return s.f1; });
    case Metric::precision_weighted:
      return over_classes(c, true, [](const auto& s) { return s.precision; });
    case Metric::recall_weighted:
      return over_classes(c, true, [](const auto& s) { return s.recall; });
    case Metric::f1_weighted: return over_classes(c, true, [](const auto& s) { return s.f1; });
    default: return of_probability(metric, rows);
  }
}

}  // namespace quern::runtime
