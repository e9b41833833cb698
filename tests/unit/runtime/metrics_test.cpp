// Metrics equal scikit-learn's: expected values were computed by scikit-learn 1.9.1 from the same
// float32 scores, widened to float64; log_loss from scores clipped by the spacing of float32.

#include "runtime/metrics/metrics.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <utility>

using namespace quern::runtime;
using quern::ir::Metric;

namespace {

using Expected = std::vector<std::pair<Metric, double>>;
using Classes = std::vector<std::uint32_t>;
using Weights = std::vector<double>;

Confusion confusion(std::size_t classes, const Classes& truth, const Classes& called,
                    const Weights& weights) {
  Confusion out(classes);
  for (std::size_t i = 0; i < truth.size(); ++i)
    out.add(truth[i], called[i], weights.empty() ? 1 : weights[i]);
  return out;
}

const std::vector<float> kScores = {0.0F,  1.0F,  0.52F, 0.05F, 0.05F, 0.38F,
                                    0.41F, 0.05F, 0.05F, 1.0F,  0.65F, 0.23F};
const Classes kTruth = {0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};
const Classes kCalled = {0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0};
const Weights kWeights = {1, 2, 0.5, 3, 0, 1, 1.5, 2, 1, 0.25, 4, 1};

ClassRows two(const Weights& weights = {}) {
  return {.probabilities = kScores, .truth = kTruth, .weights = weights};
}

void check_binary(const Weights& weights, const Expected& expected) {
  const auto counts = confusion(2, kTruth, kCalled, weights);
  for (const auto& [metric, value] : expected) {
    INFO(static_cast<int>(metric));
    CHECK(class_metric(metric, two(weights), counts, 2) == Approx(value).epsilon(1e-12));
  }
}

const std::vector<float> kThree = {0.096F, 0.641F, 0.263F, 0.361F, 0.617F, 0.022F, 0.452F, 0.0F,
                                   0.548F, 0.481F, 0.158F, 0.361F, 0.579F, 0.229F, 0.192F, 0.37F,
                                   0.505F, 0.125F, 0.134F, 0.11F,  0.756F, 0.698F, 0.006F, 0.296F,
                                   0.04F,  0.53F,  0.43F,  0.279F, 0.214F, 0.507F};
const Classes kThreeTruth = {0, 1, 2, 0, 0, 2, 0, 2, 2, 2};
const Classes kThreeCalled = {1, 1, 2, 0, 0, 1, 2, 0, 1, 2};

void check_three(const Weights& weights, const Expected& expected) {
  const ClassRows rows{.classes = 3,
                       .binary = false,
                       .probabilities = kThree,
                       .truth = kThreeTruth,
                       .weights = weights};
  const auto counts = confusion(3, kThreeTruth, kThreeCalled, weights);
  for (const auto& [metric, value] : expected) {
    INFO(static_cast<int>(metric));
    CHECK(class_metric(metric, rows, counts) == Approx(value).epsilon(1e-12));
  }
}

void check_numbers(const Weights& weights, const Expected& expected) {
  const Weights truth = {4.64, 2.22, 6.41, 1.07, 6.92, 6.35, 3.77};
  const std::vector<float> predicted = {5.25F, 1.86F, 6.26F, 1.31F, 7.02F, 5.49F, 4.67F};
  for (const auto& [metric, value] : expected) {
    INFO(static_cast<int>(metric));
    CHECK(number_metric(metric, {predicted, truth, weights}) == Approx(value).epsilon(1e-12));
  }
}

std::vector<CurvePoint> curve(const ClassRows& rows, std::size_t c) {
  std::vector<CurvePoint> out;
  const auto take = [&](const CurvePoint& p) -> quern::Result<void> {
    out.push_back(p);
    return {};
  };
  REQUIRE(each_point(rows, c, take));
  return out;
}

}  // namespace

TEST_CASE("two classes, with tied and with certain probabilities") {
  check_binary({}, {{Metric::accuracy, 0.75},
                    {Metric::precision, 0.5},
                    {Metric::recall, 0.6666666666666666},
                    {Metric::f1, 0.5714285714285714},
                    {Metric::fbeta, 0.625},
                    {Metric::specificity, 0.7777777777777778},
                    {Metric::roc_auc, 0.8518518518518519},
                    {Metric::average_precision, 0.8095238095238095},
                    {Metric::log_loss, 0.3720257676024495},
                    {Metric::brier_score, 0.13402499470710763},
                    {Metric::balanced_accuracy, 0.7222222222222222},
                    {Metric::mcc, 0.408248290463863},
                    {Metric::cohen_kappa, 0.4},
                    {Metric::zero_one_loss, 0.25},
                    {Metric::true_positives, 2.0},
                    {Metric::false_positives, 2.0},
                    {Metric::false_negatives, 1.0},
                    {Metric::true_negatives, 7.0}});
}

TEST_CASE("two classes with weights, one of them zero") {
  check_binary(kWeights, {{Metric::accuracy, 0.6811594202898551},
                          {Metric::precision, 0.3333333333333333},
                          {Metric::recall, 0.6923076923076923},
                          {Metric::f1, 0.45},
                          {Metric::fbeta, 0.569620253164557},
                          {Metric::specificity, 0.6785714285714286},
                          {Metric::roc_auc, 0.8461538461538461},
                          {Metric::average_precision, 0.7898686679174484},
                          {Metric::log_loss, 0.4413445681652856},
                          {Metric::brier_score, 0.16403767258568103},
                          {Metric::balanced_accuracy, 0.6854395604395604},
                          {Metric::mcc, 0.29716081940637273},
                          {Metric::cohen_kappa, 0.26239067055393595},
                          {Metric::zero_one_loss, 0.3188405797101449},
                          {Metric::true_positives, 2.25},
                          {Metric::false_positives, 4.5},
                          {Metric::false_negatives, 1.0},
                          {Metric::true_negatives, 9.5}});
}

TEST_CASE("three classes") {
  check_three({}, {{Metric::accuracy, 0.5},
                   {Metric::balanced_accuracy, 0.6333333333333333},
                   {Metric::precision_macro, 0.5277777777777778},
                   {Metric::recall_macro, 0.6333333333333333},
                   {Metric::f1_macro, 0.4904761904761905},
                   {Metric::f1_weighted, 0.5185714285714285},
                   {Metric::precision_weighted, 0.625},
                   {Metric::recall_weighted, 0.5},
                   {Metric::log_loss, 1.1536081275474968},
                   {Metric::roc_auc_ovr, 0.6762962962962963},
                   {Metric::mcc, 0.3070913873217371},
                   {Metric::cohen_kappa, 0.2753623188405797},
                   {Metric::zero_one_loss, 0.5}});
}

TEST_CASE("three classes with weights") {
  check_three({1, 2, 0.5, 3, 0.25, 1, 1.5, 2, 1, 4},
              {{Metric::accuracy, 0.6},
               {Metric::balanced_accuracy, 0.6982097186700766},
               {Metric::precision_macro, 0.5896825396825397},
               {Metric::recall_macro, 0.6982097186700766},
               {Metric::f1_macro, 0.5943424391700254},
               {Metric::f1_weighted, 0.6040890144338421},
               {Metric::precision_weighted, 0.6605860805860807},
               {Metric::recall_weighted, 0.6},
               {Metric::log_loss, 1.0481384689026978},
               {Metric::roc_auc_ovr, 0.6932144182197374},
               {Metric::mcc, 0.4080735061171525},
               {Metric::cohen_kappa, 0.38900939985538685},
               {Metric::zero_one_loss, 0.4}});
}

TEST_CASE("numbers") {
  check_numbers({}, {{Metric::rmse, 0.5530952411863909},
                     {Metric::mae, 0.4599999979564123},
                     {Metric::r2, 0.9296534768940848},
                     {Metric::mape, 0.1328483381611504},
                     {Metric::mse, 0.30591434582303184},
                     {Metric::median_absolute_error, 0.35999998569488545},
                     {Metric::max_error, 0.9000000762939453},
                     {Metric::explained_variance, 0.9307347345963227},
                     {Metric::rmsle, 0.1086094470858382},
                     {Metric::msle, 0.011796011996291485},
                     {Metric::poisson_deviance, 0.07218388468344893},
                     {Metric::gamma_deviance, 0.021707080693220058}});
}

TEST_CASE("numbers with weights") {
  check_numbers({1, 2, 0.5, 3, 0.5, 1, 2}, {{Metric::rmse, 0.5639105007976541},
                                            {Metric::mae, 0.48350000572204593},
                                            {Metric::r2, 0.9208519565931287},
                                            {Metric::mape, 0.17604994751084183},
                                            {Metric::mse, 0.3179950529098611},
                                            {Metric::median_absolute_error, 0.35999998569488545},
                                            {Metric::max_error, 0.9000000762939453},
                                            {Metric::explained_variance, 0.9266403686812271},
                                            {Metric::rmsle, 0.1225899672639441},
                                            {Metric::msle, 0.015028300073774887},
                                            {Metric::poisson_deviance, 0.08480299063082093},
                                            {Metric::gamma_deviance, 0.030417858102364505}});
}

TEST_CASE("several numbers a row: means over them as scikit-learn's, the largest of the greatest") {
  const std::vector<float> predicted{2.5F, 0, 0, 0.5F, 2, 8, 8, 2.5F};
  const std::vector<double> truth{3, -0.5, -0.5, 1, 2, 7, 7, 2.25};
  const auto check = [&](const std::vector<double>& weights, const std::vector<double>& wanted) {
    constexpr std::array kAll{Metric::mse,
                              Metric::rmse,
                              Metric::mae,
                              Metric::r2,
                              Metric::explained_variance,
                              Metric::median_absolute_error,
                              Metric::mape,
                              Metric::max_error};
    for (std::size_t i = 0; i < kAll.size(); ++i) {
      INFO(i);
      CHECK(vector_metric(kAll.at(i), {predicted, truth, weights}, 2) ==
            Approx(wanted[i]).epsilon(1e-12));
    }
  };
  check({}, {0.3828125, 0.6186862178478972, 0.53125, 0.9495393335051486, 0.9600131725057351, 0.5,
             0.3829365079365079, 1});
  check({1, 2, 0.5, 1.5}, {0.359375, 0.594615713541565, 0.5375, 0.9437561772561014,
                           0.9526873073951547, 0.5, 0.46190476190476193, 1});
}

TEST_CASE("every metric that a model of classes or numbers may be asked for has a value") {
  const Classes truth = {0, 1, 1, 0};
  const std::vector<float> scores = {0.2F, 0.9F, 0.4F, 0.6F}, wide(8, 0.5F);
  const Weights numbers = {1, 2, 3, 4};
  for (const auto& spec : quern::ir::metrics()) {
    INFO(spec.name);
    for (const auto judged : spec.suits) {
      if (judged == quern::ir::Judged::clusters || judged == quern::ir::Judged::vector) continue;
      const bool binary = judged == quern::ir::Judged::binary;
      const bool classes = binary || judged == quern::ir::Judged::multiclass;
      const ClassRows rows{
          .binary = binary, .probabilities = binary ? scores : wide, .truth = truth};
      const double value =
          classes ? class_metric(spec.metric, rows, confusion(2, truth, {0, 1, 0, 1}, {}))
                  : number_metric(spec.metric, {scores, numbers});
      CHECK_FALSE(std::isnan(value));
    }
  }
}

TEST_CASE("a metric that is not defined for the rows is NaN, never a number that looks right") {
  const std::vector<float> p = {0.2F, 0.9F};
  const Classes y = {1, 1};
  const ClassRows rows{.probabilities = p, .truth = y};
  CHECK(std::isnan(class_metric(Metric::roc_auc, rows, confusion(2, y, {0, 1}, {}))));
  const ClassRows without{.truth = y};
  CHECK(std::isnan(class_metric(Metric::log_loss, without, confusion(2, y, {0, 1}, {}))));
  const std::vector<float> low = {-1}, one = {1};
  CHECK(std::isnan(number_metric(Metric::rmsle, {low, Weights{2}})));
  CHECK(std::isnan(number_metric(Metric::r2, {one, Weights{2}})));
  CHECK(std::isnan(number_metric(Metric::poisson_deviance, {low, Weights{2}})));
}

TEST_CASE("a curve has one point for each distinct score, from the highest down") {
  const std::vector<float> scores = {0.5F, 0.9F, 0.1F, 0.5F};
  const Classes truth = {1, 1, 0, 0};
  const auto points = curve({.probabilities = scores, .truth = truth}, 1);
  REQUIRE(points.size() == 3);
  CHECK(points[0].threshold == Approx(0.9));
  CHECK(points[1].threshold == 0.5);
  CHECK(points[1].true_positives == 2);
  CHECK(points[1].false_positives == 1);
  CHECK(points[2].false_positives == 2);
}

TEST_CASE("a row of weight zero is no point of a curve") {
  const std::vector<float> scores = {0.5F, 0.25F};
  const Classes truth = {1, 0};
  const Weights weights = {0, 1};
  const auto points = curve({.probabilities = scores, .truth = truth, .weights = weights}, 1);
  REQUIRE(points.size() == 1);
  CHECK(points[0].threshold == 0.25);
}

TEST_CASE("calibration bins are closed above") {
  // calibration_curve(n_bins=4) of scikit-learn 1.9.1 gives the means and shares.
  const auto bins = calibration(two(), 1, 4);
  REQUIRE(bins.size() == 4);
  CHECK(bins[0].rows == 6);
  CHECK(bins[0].positive_share == Approx(1.0 / 6));
  CHECK(bins[0].mean_probability == Approx(0.07166667).epsilon(1e-6));
  CHECK(bins[3].rows == 2);
  CHECK(bins[3].positive_share == 1);
  const std::vector<float> edge = {0.5F};
  CHECK(calibration({.probabilities = edge, .truth = Classes{1}}, 1, 2)[0].rows == 1);
}

TEST_CASE("concordance counts pairs whose order of times is known") {
  // By hand: times 1, 2+, 3, 3+, 4, where + means last seen then. Pairs are 1 with each other row
  // and 3 with 3+ and 4. Hazard 5 of time 1 against 1, 6, 7, 5: one right and one tie; hazard 6 of
  // time 3 against 7, 5: one right.
  const Weights times = {1, -2, 3, -3, 4};
  const std::vector<float> hazards = {5, 1, 6, 7, 5};
  CHECK(concordance({hazards, times}) == Approx((1 + 0.5 + 1) / 6));
  CHECK(std::isnan(concordance({hazards, Weights{-1, -2, -3, -4, -5}})));
}
