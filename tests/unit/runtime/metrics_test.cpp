// Metrics equal scikit-learn's: all expected values were computed by scikit-learn 1.9.1.

#include "runtime/metrics/metrics.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

using namespace quern::runtime;

namespace {

using Expected = std::map<std::string, double>;

void check(const std::vector<Metric>& found, const Expected& expected) {
  CHECK(found.size() == expected.size());
  for (const auto& metric : found) {
    INFO(metric.name);
    REQUIRE(expected.contains(metric.name));
    CHECK(metric.value == Approx(expected.at(metric.name)).epsilon(1e-12));
  }
}

Confusion confusion(std::size_t classes, const std::vector<std::uint32_t>& truth,
                    const std::vector<std::uint32_t>& predicted) {
  Confusion out(classes);
  for (std::size_t i = 0; i < truth.size(); ++i) out.add(truth[i], predicted[i]);
  return out;
}

double named(const std::vector<Metric>& metrics, const std::string& name) {
  return std::find_if(metrics.begin(), metrics.end(), [&](const auto& m) { return m.name == name; })
      ->value;
}

}  // namespace

TEST_CASE("two classes, with tied and with certain probabilities") {
  const std::vector<double> p = {0.0,  1.0,  0.52, 0.05, 0.05, 0.38,
                                 0.41, 0.05, 0.05, 1.0,  0.65, 0.23};
  const std::vector<std::uint32_t> y = {0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};
  std::vector<std::uint32_t> called;
  for (const double v : p) called.push_back(v > 0.5 ? 1 : 0);
  check(binary_metrics(p, y, confusion(2, y, called)), {{"accuracy", 0.75},
                                                        {"precision", 0.5},
                                                        {"recall", 0.6666666666666666},
                                                        {"f1", 0.5714285714285714},
                                                        {"roc_auc", 0.8518518518518519},
                                                        {"average_precision", 0.8095238095238095},
                                                        {"log_loss", 0.3720257491844496},
                                                        {"brier_score", 0.134025},
                                                        {"balanced_accuracy", 0.7222222222222222},
                                                        {"mcc", 0.408248290463863},
                                                        {"cohen_kappa", 0.4}});
}

TEST_CASE("three classes") {
  const std::vector<double> p = {0.096,
                                 0.641,
                                 0.263,
                                 0.361,
                                 0.617,
                                 0.022,
                                 0.452,
                                 0.0,
                                 0.548,
                                 0.481,
                                 0.158,
                                 0.361,
                                 0.5795795795795796,
                                 0.22922922922922925,
                                 0.1911911911911912,
                                 0.37,
                                 0.505,
                                 0.125,
                                 0.134,
                                 0.11,
                                 0.756,
                                 0.698,
                                 0.006,
                                 0.296,
                                 0.04,
                                 0.53,
                                 0.43,
                                 0.2792792792792793,
                                 0.21421421421421422,
                                 0.5065065065065065};
  const std::vector<std::uint32_t> y = {0, 1, 2, 0, 0, 2, 0, 2, 2, 2};
  const std::vector<std::uint32_t> called = {1, 1, 2, 0, 0, 1, 2, 0, 1, 2};
  check(multiclass_metrics(p, y, confusion(3, y, called)),
        {{"accuracy", 0.5},
         {"balanced_accuracy", 0.6333333333333333},
         {"precision_macro", 0.5277777777777778},
         {"recall_macro", 0.6333333333333333},
         {"f1_macro", 0.4904761904761905},
         {"f1_weighted", 0.5185714285714285},
         {"log_loss", 1.1536054669601858},
         {"roc_auc_ovr", 0.6762962962962963},
         {"mcc", 0.3070913873217371},
         {"cohen_kappa", 0.2753623188405797}});
}

TEST_CASE("numbers") {
  const std::vector<double> truth = {4.64, 2.22, 6.41, 1.07, 6.92, 6.35, 3.77};
  const std::vector<double> predicted = {5.25, 1.86, 6.26, 1.31, 7.02, 5.49, 4.67};
  check(regression_metrics(predicted, truth), {{"rmse", 0.5530951868478748},
                                               {"mae", 0.46},
                                               {"mse", 0.3059142857142856},
                                               {"r2", 0.9296534907163896},
                                               {"mape", 0.1328483441758053},
                                               {"median_absolute_error", 0.36},
                                               {"max_error", 0.9},
                                               {"explained_variance", 0.9307347483541795},
                                               {"rmsle", 0.10860944349585394}});
}

TEST_CASE("a metric that is not defined for the rows is NaN, never a number that looks right") {
  const std::vector<double> p = {0.2, 0.9};
  const std::vector<std::uint32_t> y = {1, 1};
  CHECK(std::isnan(named(binary_metrics(p, y, confusion(2, y, {0, 1})), "roc_auc")));
  CHECK(std::isnan(
      named(regression_metrics(std::vector<double>{-1.0}, std::vector<double>{2.0}), "rmsle")));
  CHECK(std::isnan(
      named(regression_metrics(std::vector<double>{1.0}, std::vector<double>{2.0}), "r2")));
}

TEST_CASE("a curve has one point for each distinct score") {
  const auto points = curve(std::vector<double>{0.9, 0.5, 0.5, 0.1}, {true, true, false, false});
  REQUIRE(points.size() == 3);
  CHECK(points[1].threshold == 0.5);
  CHECK(points[1].true_positives == 2);
  CHECK(points[1].false_positives == 1);
}
