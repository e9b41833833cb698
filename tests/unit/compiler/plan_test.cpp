// What the planner decides.

#include "compiler/plan/plan.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/compiler/fake_catalog.h"

using namespace quern;
using namespace quern::tests;

namespace {

ir::Train bound_train(const std::string& with) {
  FakeCatalog catalog;
  catalog.schema = {field("x", TypeKind::float64), field("y", TypeKind::float64)};
  auto bound =
      bind_text("SELECT * FROM t TO TRAIN xgboost.gbtree " + with + " LABEL y INTO m", catalog);
  if (!bound) FAIL(bound.errors().front().message);
  return std::get<ir::Train>(*std::move(bound));
}

std::vector<std::string> values(const ir::Train& train, const std::string& name) {
  std::vector<std::string> out;
  for (const auto& [key, value] : plan::engine_parameters(train)) {
    if (key == name) out.push_back(value);
  }
  return out;
}

}  // namespace

TEST_CASE("a page is about 16 MiB and holds 2,048 to 65,536 rows") {
  CHECK(plan::page_rows(1) == 65536);
  CHECK(plan::page_rows(64) == 65536);
  CHECK(plan::page_rows(128) == 32768);
  CHECK(plan::page_rows(5000) == 2048);
}

TEST_CASE("parameters go to the library under its own names, once each") {
  const auto t = bound_train("WITH learning_rate = 0.5, eval_metric = [rmse, mae]");
  CHECK(values(t, "eta") == std::vector<std::string>{"0.5"});
  CHECK(values(t, "eval_metric") == std::vector<std::string>{"rmse", "mae"});
  CHECK(values(t, "tree_method") == std::vector<std::string>{"hist"});
  CHECK(values(t, "seed") == std::vector<std::string>{"0"});
  CHECK(values(t, "num_round").empty());
}

TEST_CASE("tree_method auto is hist: the library would otherwise choose by the number of rows") {
  CHECK(values(bound_train("WITH tree_method = auto"), "tree_method") ==
        std::vector<std::string>{"hist"});
}

TEST_CASE("predictions are held back where reading and writing meet") {
  ir::Predict statement;
  statement.target = ir::Target{.table = {.table = "out"}, .exists = true};
  CHECK(plan::plan(statement, {}).output.write == plan::Write::replace);
  CHECK_FALSE(plan::plan(statement, {}).output.spool);
  CHECK(plan::plan(statement, {.one_connection = true}).output.spool);
  statement.target->read_by_query = true;
  CHECK(plan::plan(statement, {}).output.spool);
  statement.target->exists = false;
  CHECK(plan::plan(statement, {}).output.write == plan::Write::create);
}
