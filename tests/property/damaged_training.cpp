// Damaged payloads of models that XGBoost trained, as UBJ and as JSON.

#include <catch2/catch.hpp>

#include "damage.h"
#include "random_training.h"
#include "runtime/engines/xgboost/xgboost_engine.h"

namespace quern::test {
namespace {

TEST_CASE("damaged trained models are refused or safe") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const auto engine = runtime::make_xgboost_engine();
  for (unsigned seed = 1000; seed < 1015; ++seed) {
    auto training = seed < 1012 ? random_training(seed) : random_linear_training(seed);
    training.task.rounds = 1;
    const auto model = engine->train(training.task, {}, {});
    if (!model) FAIL(model.errors().front().message);
    oracle->load(model->payload);
    damage_many(model->payload, seed, 400);
    damage_many(oracle->save_json(), seed, 400);
  }
}

}  // namespace
}  // namespace quern::test
