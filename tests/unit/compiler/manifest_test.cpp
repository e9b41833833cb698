// The manifest survives JSON, and what is not a manifest is refused.

#include "compiler/ir/manifest.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace quern;

namespace {

ir::Manifest sample() {
  ir::Manifest m;
  m.statement = "SELECT 'é\n\"' TO TRAIN x";
  m.estimator = "xgboost.gbtree";
  m.objective = "multi:softprob";
  m.library = "XGBoost 1.7.4";
  m.payload_format = "xgboost.ubj";
  m.program.inputs = {{"a", TypeKind::decimal}, {"b", TypeKind::text}, {"c", TypeKind::text}};
  m.program.features = {{"a", 0, ir::Number{}},
                        {"b", 1, ir::Category{{"x", "y"}}},
                        {"c", 2, ir::HashedCategory{1024}}};
  m.label.column = "k";
  m.label.type.kind = TypeKind::int64;
  m.label.type.sql_name = "BIGINT";
  m.label.task = ir::Task::multiclass;
  for (const std::int64_t value : {-1L, 0L, 9007199254740993L}) m.label.classes.emplace_back(value);
  m.attributes = {{"eta", "0.3"}, {"eval_metric", "auc"}, {"eval_metric", "logloss"}};
  m.history = {{1, "train", "mlogloss", 0.1},
               {2, "train", "mlogloss", std::numeric_limits<double>::quiet_NaN()}};
  m.rows = 150;
  m.seed = 7;
  m.quern_version = "0.1.0";
  m.created = "2026-01-01T00:00:00Z";
  return m;
}

}  // namespace

TEST_CASE("a manifest reads back as it was written") {
  const auto before = sample();
  const auto text = ir::to_json(before);
  const auto after = ir::manifest_from_json(text);
  REQUIRE(after);
  CHECK(after->program == before.program);
  CHECK(after->label.classes == before.label.classes);
  CHECK(after->label.type == before.label.type);
  CHECK(after->statement == before.statement);
  CHECK(after->attributes == before.attributes);
  CHECK(std::isnan(after->history[1].value));
  CHECK(ir::to_json(*after) == text);
}

TEST_CASE("a newer format is refused by name, damage is called damage") {
  auto text = ir::to_json(sample());
  const auto at = text.find("\"format\":1");
  REQUIRE(at != std::string::npos);
  auto newer = text;
  newer.replace(at, 10, "\"format\":3");
  CHECK(ir::manifest_from_json(newer).errors().front().code == Code::model_too_new);
  for (const std::string& damaged :
       {std::string(), std::string("{}"), text.substr(0, text.size() / 2), std::string("[1]"),
        std::string("{\"format\":1,\"label\":3}")}) {
    const auto read = ir::manifest_from_json(damaged);
    REQUIRE_FALSE(read);
    CHECK(read.errors().front().code == Code::corrupt_model);
  }
}

TEST_CASE("a feature without an input is damage") {
  auto m = sample();
  m.program.features[0].input = 3;
  CHECK(ir::manifest_from_json(ir::to_json(m)).errors().front().code == Code::corrupt_model);
}
