// Metrics of classes. Rule: scikit-learn 1.9, sklearn.metrics; zero_division=0.

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/metrics/metrics.h"

namespace quern::runtime {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
/// log_loss clips probabilities by the spacing of doubles at one.
constexpr double kClip = std::numeric_limits<double>::epsilon();

double quotient(double a, double b) { return b == 0 ? 0 : a / b; }

double accuracy(const Confusion& c) {
  double right = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) right += static_cast<double>(c.at(k, k));
  return right / static_cast<double>(c.rows());
}

/// The mean recall of the classes that occur.
double balanced_accuracy(const Confusion& c) {
  double sum = 0, present = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    if (c.true_rows(k) == 0) continue;
    sum += class_scores(c, k).recall;
    ++present;
  }
  return sum / present;
}

/// Matthews' correlation in Gorodkin's form for any number of classes.
double mcc(const Confusion& c) {
  const auto rows = static_cast<double>(c.rows());
  double right = 0, both = 0, truth_squares = 0, predicted_squares = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    const auto truth = static_cast<double>(c.true_rows(k));
    const auto predicted = static_cast<double>(c.predicted_rows(k));
    right += static_cast<double>(c.at(k, k));
    both += truth * predicted;
    truth_squares += truth * truth;
    predicted_squares += predicted * predicted;
  }
  const double spread = (rows * rows - predicted_squares) * (rows * rows - truth_squares);
  return spread == 0 ? 0 : (right * rows - both) / std::sqrt(spread);
}

double cohen_kappa(const Confusion& c) {
  const auto rows = static_cast<double>(c.rows());
  double expected = 0, right = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    expected +=
        static_cast<double>(c.true_rows(k)) * static_cast<double>(c.predicted_rows(k)) / rows;
    right += static_cast<double>(c.at(k, k));
  }
  return rows == expected ? kNone : 1 - (rows - right) / (rows - expected);
}

double binary_log_loss(std::span<const double> positive, std::span<const std::uint32_t> truth) {
  double sum = 0;
  for (std::size_t i = 0; i < positive.size(); ++i) {
    const double p = std::clamp(truth[i] == 1 ? positive[i] : 1 - positive[i], kClip, 1 - kClip);
    sum -= std::log(p);
  }
  return sum / static_cast<double>(positive.size());
}

double brier_score(std::span<const double> positive, std::span<const std::uint32_t> truth) {
  double sum = 0;
  for (std::size_t i = 0; i < positive.size(); ++i) {
    const double miss = positive[i] - truth[i];
    sum += miss * miss;
  }
  return sum / static_cast<double>(positive.size());
}

double multiclass_log_loss(std::span<const double> probabilities,
                           std::span<const std::uint32_t> truth, std::size_t classes) {
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row = probabilities.subspan(i * classes, classes);
    double total = 0;
    for (const double p : row) total += std::clamp(p, kClip, 1 - kClip);
    sum -= std::log(std::clamp(row[truth[i]], kClip, 1 - kClip) / total);
  }
  return sum / static_cast<double>(truth.size());
}

/// The unweighted mean of each class against the rest; every class must occur.
double roc_auc_ovr(std::span<const double> probabilities, std::span<const std::uint32_t> truth,
                   std::size_t classes) {
  double sum = 0;
  std::vector<double> scores(truth.size());
  std::vector<bool> is(truth.size());
  for (std::size_t k = 0; k < classes; ++k) {
    for (std::size_t i = 0; i < truth.size(); ++i) {
      scores[i] = probabilities[i * classes + k];
      is[i] = truth[i] == k;
    }
    sum += roc_auc(curve(scores, is));
  }
  return sum / static_cast<double>(classes);
}

struct Averages {
  double precision = 0, recall = 0, f1 = 0, f1_weighted = 0;
};

/// Over the classes that occur in the rows or among the predictions, as scikit-learn's unique
/// labels.
Averages averages(const Confusion& c) {
  Averages out;
  double present = 0;
  for (std::size_t k = 0; k < c.classes(); ++k) {
    if (c.true_rows(k) == 0 && c.predicted_rows(k) == 0) continue;
    const auto s = class_scores(c, k);
    ++present;
    out.precision += s.precision;
    out.recall += s.recall;
    out.f1 += s.f1;
    out.f1_weighted += s.f1 * static_cast<double>(s.support) / static_cast<double>(c.rows());
  }
  out.precision /= present;
  out.recall /= present;
  out.f1 /= present;
  return out;
}

}  // namespace

std::int64_t Confusion::true_rows(std::size_t c) const {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < classes_; ++k) sum += at(c, k);
  return sum;
}

std::int64_t Confusion::predicted_rows(std::size_t c) const {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < classes_; ++k) sum += at(k, c);
  return sum;
}

std::int64_t Confusion::rows() const {
  std::int64_t sum = 0;
  for (const auto count : counts_) sum += count;
  return sum;
}

ClassScores class_scores(const Confusion& confusion, std::size_t c) {
  const auto right = static_cast<double>(confusion.at(c, c));
  const auto support = confusion.true_rows(c);
  const auto called = static_cast<double>(confusion.predicted_rows(c));
  ClassScores out{.support = support};
  out.precision = quotient(right, called);
  out.recall = quotient(right, static_cast<double>(support));
  out.f1 = quotient(2 * right, static_cast<double>(support) + called);
  return out;
}

std::vector<Metric> binary_metrics(std::span<const double> positive,
                                   std::span<const std::uint32_t> truth,
                                   const Confusion& confusion) {
  std::vector<bool> is(truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) is[i] = truth[i] == 1;
  const auto points = curve(positive, is);
  const auto scores = class_scores(confusion, 1);
  return {{"accuracy", accuracy(confusion)},
          {"precision", scores.precision},
          {"recall", scores.recall},
          {"f1", scores.f1},
          {"roc_auc", roc_auc(points)},
          {"average_precision", average_precision(points)},
          {"log_loss", binary_log_loss(positive, truth)},
          {"brier_score", brier_score(positive, truth)},
          {"balanced_accuracy", balanced_accuracy(confusion)},
          {"mcc", mcc(confusion)},
          {"cohen_kappa", cohen_kappa(confusion)}};
}

std::vector<Metric> multiclass_metrics(std::span<const double> probabilities,
                                       std::span<const std::uint32_t> truth,
                                       const Confusion& confusion) {
  const auto means = averages(confusion);
  const auto classes = confusion.classes();
  return {{"accuracy", accuracy(confusion)},
          {"balanced_accuracy", balanced_accuracy(confusion)},
          {"precision_macro", means.precision},
          {"recall_macro", means.recall},
          {"f1_macro", means.f1},
          {"f1_weighted", means.f1_weighted},
          {"log_loss", multiclass_log_loss(probabilities, truth, classes)},
          {"roc_auc_ovr", roc_auc_ovr(probabilities, truth, classes)},
          {"mcc", mcc(confusion)},
          {"cohen_kappa", cohen_kappa(confusion)}};
}

}  // namespace quern::runtime
