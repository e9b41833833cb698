// The property that everything about models hangs on: what we read from one scores every row to the
// same bits as XGBoost's own predictor.

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "codegen/forest/kernel.h"
#include "codegen/model.h"
#include "random_training.h"
#include "runtime/engines/xgboost/xgboost_engine.h"

namespace quern::test {
namespace {

using codegen::Forest;
using codegen::Model;
using codegen::shape_of;

unsigned model_count() {
  const char* chosen = std::getenv("QUERN_PROPERTY_MODELS");
  return chosen != nullptr ? static_cast<unsigned>(std::atoi(chosen)) : 600;
}

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// Neighbours count as one apart, and so does -0 from 0.
std::int64_t ulps(float a, float b) {
  const auto ordered = [](float value) -> std::int64_t {
    const auto bits = std::bit_cast<std::int32_t>(value);
    return bits < 0 ? std::int64_t{INT32_MIN} - bits : bits;
  };
  return std::abs(ordered(a) - ordered(b));
}

std::vector<float> our_margins(const Model& model, const Rows& rows) {
  std::vector<float> out(static_cast<std::size_t>(rows.rows * shape_of(model).outputs));
  predict_margins(model, {rows.values.data(), rows.rows, rows.features, rows.features, 1}, out);
  return out;
}

std::size_t first_difference(const std::vector<float>& ours, const std::vector<float>& theirs) {
  REQUIRE(ours.size() == theirs.size());
  std::size_t at = 0;
  while (at < ours.size() && same_bits(ours[at], theirs[at])) ++at;
  return at;
}

/// Every kernel that runs here, with every set of instructions.
void require_equal_kernels(const Model& model, const Rows& rows, const std::vector<float>& theirs) {
  const auto* forest = std::get_if<Forest>(&model);
  if (forest == nullptr) return;
  using enum codegen::VectorSet;
  for (const auto set : {portable, avx2, avx512}) {
    if (!codegen::runs_here(set)) continue;
    std::vector<float> out(theirs.size());
    codegen::make_kernel(*forest, set)
        ->score({rows.values.data(), rows.rows, rows.features, rows.features, 1}, out);
    const auto at = first_difference(out, theirs);
    if (at < out.size()) {
      FAIL("margin " << at << ": the kernel's with " << codegen::vector_set_name(set) << " "
                     << out[at] << ", XGBoost's " << theirs[at]);
    }
  }
}

void require_equal_margins(const Model& model, const Rows& rows, const std::vector<float>& theirs) {
  require_equal_kernels(model, rows, theirs);
  const auto ours = our_margins(model, rows);
  const auto at = first_difference(ours, theirs);
  if (at == ours.size()) return;
  std::string row;
  const auto first = (at / static_cast<std::size_t>(shape_of(model).outputs)) *
                     static_cast<std::size_t>(rows.features);
  for (int f = 0; f < rows.features; ++f) {
    row += " " + std::to_string(rows.values[first + static_cast<std::size_t>(f)]);
  }
  FAIL("margin " << at << ": ours " << ours[at] << ", XGBoost's " << theirs[at] << ", row" << row);
}

/// Predictions after the link. Same libm, so equal bits are expected; one ulp is let pass.
void require_close_predictions(const Model& model, const Rows& rows,
                               const std::vector<float>& theirs, std::int64_t& worst) {
  auto ours = our_margins(model, rows);
  apply_link(shape_of(model).link, shape_of(model).outputs, ours);
  const bool classes = shape_of(model).link == codegen::Link::softmax_class;
  const auto step = classes ? static_cast<std::size_t>(shape_of(model).outputs) : 1;
  REQUIRE(theirs.size() * step == ours.size());
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const auto apart = ulps(ours[i * step], theirs[i]);
    worst = std::max(worst, apart);
    if (apart > 1)
      FAIL("prediction " << i << ": ours " << ours[i * step] << ", XGBoost's " << theirs[i]);
  }
}

Model read(std::span<const std::uint8_t> payload) {
  auto model = codegen::read_xgboost_model(payload);
  if (!model) FAIL(model.errors().front().message);
  return *std::move(model);
}

bool is_dart(const RandomTraining& training) {
  for (const auto& [name, value] : training.task.params) {
    if (value == "dart") return true;
  }
  return false;
}

TEST_CASE("random models score every row to XGBoost's bits") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const auto engine = runtime::make_xgboost_engine();
  std::int64_t worst = 0;
  std::size_t splits = 0;
  std::size_t sets = 0;
  for (unsigned seed = 1; seed <= model_count(); ++seed) {
    auto training = random_training(seed);
    INFO(training.description);
    const auto model = engine->train(training.task, {}, {});
    if (!model) FAIL(model.errors().front().message);
    const auto forest = read(model->payload);
    for (const auto& tree : std::get<Forest>(forest).trees) {
      for (const auto& node : tree.nodes) {
        splits += node.left != -1;
        sets += node.categorical;
      }
    }
    oracle->load(model->payload);
    REQUIRE(read(oracle->save_json()) == forest);

    std::mt19937 random(seed);
    const auto probes = probe_rows(forest, random, 200, false);
    require_equal_margins(forest, training.rows, oracle->predict(training.rows, true));
    require_equal_margins(forest, probes, oracle->predict(probes, true));
    require_close_predictions(forest, probes, oracle->predict(probes, false), worst);
    if (is_dart(training)) continue;  // in place, XGBoost rounds dart's sums in another order
    const auto infinite = probe_rows(forest, random, 200, true);
    require_equal_margins(forest, infinite, oracle->predict_in_place(infinite, true));
  }
  CHECK(splits > 20 * model_count());
  CHECK(sets > model_count());
  WARN(model_count() << " models, " << splits << " splits (" << sets
                     << " by category): margins equal in every bit, predictions within " << worst
                     << " ulp");
}

TEST_CASE("random linear models score every row to XGBoost's bits") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const auto engine = runtime::make_xgboost_engine();
  std::int64_t worst = 0;
  const auto count = model_count() / 2;
  for (unsigned seed = 1; seed <= count; ++seed) {
    auto training = random_linear_training(seed);
    INFO(training.description);
    const auto trained = engine->train(training.task, {}, {});
    if (!trained) FAIL(trained.errors().front().message);
    CHECK(trained->warnings.empty());
    const auto model = read(trained->payload);
    REQUIRE(std::holds_alternative<codegen::Linear>(model));
    oracle->load(trained->payload);
    REQUIRE(read(oracle->save_json()) == model);
    require_equal_margins(model, training.rows, oracle->predict(training.rows, true));
    std::mt19937 random(seed);
    const auto probes = probe_rows(model, random, 100, false);
    require_equal_margins(model, probes, oracle->predict(probes, true));
    require_close_predictions(model, training.rows, oracle->predict(training.rows, false), worst);
  }
  WARN(count << " linear models: margins equal in every bit, predictions within " << worst
             << " ulp");
}

}  // namespace
}  // namespace quern::test
