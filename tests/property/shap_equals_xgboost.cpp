// Our SHAP values and importances against XGBoost's own, on random models; and the law that the
// values of a row sum to its margin.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "codegen/forest/importance.h"
#include "codegen/forest/shap_kernel.h"
#include "codegen/interpret/shap.h"
#include "codegen/model.h"
#include "random_training.h"
#include "runtime/engines/xgboost/xgboost_engine.h"

namespace quern::test {
namespace {

using codegen::Forest;

unsigned model_count() {
  const char* chosen = std::getenv("QUERN_PROPERTY_MODELS");
  return chosen != nullptr ? static_cast<unsigned>(std::atoi(chosen)) : 600;
}

/// What was seen of the differences, for the message at the end.
struct Worst {
  double shap = 0;  ///< relative to the largest value of its output
  double sum = 0;
  double score = 0;
  std::size_t values = 0;
  std::size_t skipped = 0;  ///< where XGBoost's is not finite
};

double largest(std::span<const double> values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

void compare_row(std::span<const double> ours, std::span<const float> theirs, Worst& worst) {
  const double scale = largest(ours);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (!std::isfinite(theirs[i])) {
      ++worst.skipped;
      continue;
    }
    const double apart = std::abs(ours[i] - theirs[i]);
    if (apart > 1e-5 * scale + 1e-6) {
      FAIL("value " << i << " of " << ours.size() << ": ours " << ours[i] << ", XGBoost's "
                    << theirs[i]);
    }
    if (scale > 0) worst.shap = std::max(worst.shap, apart / (scale + 1e-1));
    ++worst.values;
  }
}

/// sum of the values = margin; the margin is a float32 sum, so as exact as that.
void compare_sum(std::span<const double> ours, float margin, Worst& worst) {
  double sum = 0;
  for (const double v : ours) sum += v;
  const double scale = std::max(largest(ours), 1.0);
  const double apart = std::abs(sum - margin) / scale;
  if (apart > 1e-5) FAIL("the values sum to " << sum << ", the margin is " << margin);
  worst.sum = std::max(worst.sum, apart);
}

/// The oracle's values, then those of each kernel that runs here.
std::vector<std::vector<double>> explain_all_ways(const Forest& forest,
                                                  const codegen::TreeShap& shap,
                                                  const codegen::FeatureView& x) {
  std::vector<std::vector<double>> out;
  const auto size = static_cast<std::size_t>(x.rows) * shap.width();
  auto& oracle = out.emplace_back(size);
  for (std::int64_t r = 0; r < x.rows; ++r)
    shap.explain(
        x, r, std::span(oracle).subspan(static_cast<std::size_t>(r) * shap.width(), shap.width()));
  for (const auto set :
       {codegen::VectorSet::portable, codegen::VectorSet::avx2, codegen::VectorSet::avx512}) {
    if (!runs_here(set)) continue;
    make_shap_kernel(forest, shap, set)->explain(x, out.emplace_back(size));
  }
  return out;
}

void compare_rows(const Forest& forest, const Rows& rows, const std::vector<float>& theirs,
                  Worst& worst) {
  const auto shap = codegen::TreeShap::make(forest);
  if (!shap) FAIL(shap.errors().front().message);
  const codegen::FeatureView view{rows.values.data(), rows.rows, rows.features, rows.features, 1};
  std::vector<float> margins(static_cast<std::size_t>(rows.rows * forest.outputs));
  predict_margins(forest, view, margins);
  const auto width = shap->width() / static_cast<std::size_t>(forest.outputs);
  REQUIRE(theirs.size() == static_cast<std::size_t>(rows.rows) * shap->width());
  for (const auto& ours : explain_all_ways(forest, *shap, view)) {
    for (std::size_t i = 0; i < margins.size(); ++i) {
      const auto of_output = std::span(ours).subspan(i * width, width);
      compare_row(of_output, std::span(theirs).subspan(i * width, width), worst);
      compare_sum(of_output, margins[i], worst);
    }
  }
}

void compare_scores(const Forest& forest, XgboostOracle& oracle, Worst& worst) {
  const auto ours = importances(forest);
  const auto weight = oracle.scores("weight");
  const auto gain = oracle.scores("gain");
  const auto cover = oracle.scores("cover");
  std::size_t used = 0;
  for (std::size_t f = 0; f < ours.size(); ++f) {
    if (ours[f].splits == 0) continue;
    ++used;
    REQUIRE(weight.contains(f));
    REQUIRE(weight.at(f) == static_cast<float>(ours[f].splits));
    for (const auto& [mine, other] :
         {std::pair(ours[f].gain, gain.at(f)), std::pair(ours[f].cover, cover.at(f))}) {
      const double apart = std::abs(mine - other) / std::max(std::abs(mine), 1e-3);
      REQUIRE(apart <= 1e-4);
      worst.score = std::max(worst.score, apart);
    }
  }
  REQUIRE(used == weight.size());
}

TEST_CASE("SHAP values and importances of random models are XGBoost's") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const auto engine = runtime::make_xgboost_engine();
  Worst worst;
  for (unsigned seed = 1; seed <= model_count(); ++seed) {
    auto training = random_training(seed);
    INFO(training.description);
    const auto model = engine->train(training.task, {}, {});
    if (!model) FAIL(model.errors().front().message);
    const auto read = codegen::read_xgboost_model(model->payload);
    if (!read) FAIL(read.errors().front().message);
    const auto& forest = std::get<Forest>(*read);
    oracle->load(model->payload);
    std::mt19937 random(seed);
    const auto probes = probe_rows(forest, random, 20, false);
    compare_rows(forest, probes, oracle->contributions(probes), worst);
    compare_scores(forest, *oracle, worst);
  }
  CHECK(worst.skipped < worst.values / 20);
  WARN(model_count() << " models, " << worst.values << " values: within " << worst.shap
                     << " of the row's largest, sums within " << worst.sum
                     << " of the margin, importances within " << worst.score
                     << "; XGBoost not finite: " << worst.skipped);
}

/// get_score(importance_type = weight) of gblinear: the weights without the bias, by feature and
/// output.
void compare_weights(const codegen::Linear& linear, XgboostOracle& oracle) {
  const auto theirs = oracle.weights();
  REQUIRE(theirs.size() + static_cast<std::size_t>(linear.outputs) == linear.weights.size());
  for (std::size_t i = 0; i < theirs.size(); ++i) REQUIRE(theirs[i] == linear.weights[i]);
}

TEST_CASE("attributions and weights of random linear models are XGBoost's") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const auto engine = runtime::make_xgboost_engine();
  Worst worst;
  for (unsigned seed = 1; seed <= model_count() / 4; ++seed) {
    auto training = random_linear_training(seed);
    INFO(training.description);
    const auto model = engine->train(training.task, {}, {});
    if (!model) FAIL(model.errors().front().message);
    const auto read = codegen::read_xgboost_model(model->payload);
    if (!read) FAIL(read.errors().front().message);
    const auto& linear = std::get<codegen::Linear>(*read);
    oracle->load(model->payload);
    compare_weights(linear, *oracle);
    const auto& rows = training.rows;
    const auto theirs = oracle->contributions(rows);
    const codegen::FeatureView view{rows.values.data(), rows.rows, rows.features, rows.features, 1};
    std::vector<double> ours(linear.weights.size());
    for (std::int64_t r = 0; r < rows.rows; ++r) {
      explain_row(linear, view, r, ours);
      compare_row(ours,
                  std::span(theirs).subspan(static_cast<std::size_t>(r) * ours.size(), ours.size()),
                  worst);
    }
  }
  CHECK(worst.skipped == 0);
  WARN(worst.values << " values of linear models: within " << worst.shap
                    << " of the row's largest");
}

}  // namespace
}  // namespace quern::test
