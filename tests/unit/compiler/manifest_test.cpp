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

TEST_CASE("a label of several numbers reads back with its size, and needs one") {
  auto before = sample();
  before.payload_format = "quern.network";
  before.objective = "squared_error";
  before.label.task = ir::Task::regression;
  before.label.classes.clear();
  before.label.type = {.kind = TypeKind::list, .sql_name = "DOUBLE[]", .size = 3};
  const auto text = ir::to_json(before);
  const auto after = ir::manifest_from_json(text);
  REQUIRE(after);
  CHECK(after->label.type.kind == TypeKind::list);
  CHECK(after->label.type.size == 3);
  CHECK(ir::to_json(*after) == text);
  for (const std::string size : {"0", "-1", "null", "\"3\"", "99999999999"}) {
    auto damaged = text;
    damaged.replace(damaged.find("\"size\":3"), 8, "\"size\":" + size);
    CHECK(ir::manifest_from_json(damaged).errors().front().code == Code::corrupt_model);
  }
}

TEST_CASE("a model without a label says what its answers are, in a format of its own") {
  auto m = sample();
  m.payload_format = "quern.network";
  m.objective = "variance";
  m.label = {.column = "components", .type = {.kind = TypeKind::list}, .task = ir::Task::vector};
  m.label.type.size = 3;
  CHECK(ir::to_json(m).find("\"format\":5") != std::string::npos);
  const auto after = ir::manifest_from_json(ir::to_json(m));
  REQUIRE(after);
  CHECK(after->label.task == ir::Task::vector);
  CHECK(after->label.width() == 3);
  REQUIRE(after->label.type.element != nullptr);
  CHECK(after->result_name() == "components");
  m.label.task = ir::Task::clusters;
  CHECK(ir::manifest_from_json(ir::to_json(m)).errors().front().code == Code::corrupt_model);
  auto labelled = sample();
  CHECK(labelled.result_name() == "predicted_k");
  labelled.label.type.kind = TypeKind::list;
  CHECK_FALSE(ir::manifest_from_json(ir::to_json(labelled)));
}

TEST_CASE("a newer format is refused by name, damage is called damage") {
  auto text = ir::to_json(sample());
  const auto at = text.find("\"format\":1");
  REQUIRE(at != std::string::npos);
  auto newer = text;
  newer.replace(at, 10, "\"format\":6");
  CHECK(ir::manifest_from_json(newer).errors().front().code == Code::model_too_new);
  for (const std::string& damaged :
       {std::string(), std::string("{}"), text.substr(0, text.size() / 2), std::string("[1]"),
        std::string("{\"format\":1,\"label\":3}")}) {
    const auto read = ir::manifest_from_json(damaged);
    REQUIRE_FALSE(read);
    CHECK(read.errors().front().code == Code::corrupt_model);
  }
}

TEST_CASE("a number that its field cannot hold is damage") {
  const auto text = ir::to_json(sample());
  const auto at = text.find("\"rows\":");
  const auto end = text.find_first_of(",}", at);
  for (const char* rows : {"1e300", "0.5", "9223372036854775808", "null"}) {
    auto damaged = text;
    damaged.replace(at, end - at, std::string("\"rows\":") + rows);
    const auto read = ir::manifest_from_json(damaged);
    REQUIRE_FALSE(read);
    CHECK(read.errors().front().code == Code::corrupt_model);
  }
}

TEST_CASE("a manifest that is nested deeply is damage") {
  constexpr std::size_t kDeep = 1 << 20;
  const auto text = ir::to_json(sample());
  const auto at = text.find("\"features\":[");
  REQUIRE(at != std::string::npos);
  const auto nested = std::string(kDeep, '[') + std::string(kDeep, ']');
  const auto read =
      ir::manifest_from_json(text.substr(0, at) + "\"x\":" + nested + "," + text.substr(at));
  REQUIRE_FALSE(read);
  CHECK(read.errors().front().code == Code::corrupt_model);
}

TEST_CASE("a feature without an input is damage") {
  auto text = ir::to_json(sample());
  const std::string input = "\"input\":0";
  const auto at = text.find(input);
  REQUIRE(at != std::string::npos);
  text.replace(at, input.size(), "\"input\":3");
  CHECK(ir::manifest_from_json(text).errors().front().code == Code::corrupt_model);
}

TEST_CASE("features of dates and lists read back; they make the format 2, others leave it 1") {
  auto before = sample();
  CHECK(ir::to_json(before).find("\"format\":1,") != std::string::npos);
  before.program.inputs = {{"d", TypeKind::date},
                           {"t", TypeKind::timestamp_tz},
                           {"v", TypeKind::list, 2},
                           {"i", TypeKind::interval}};
  before.program.features = ir::derive_features(before.program.inputs);
  CHECK(before.program.features.size() == 6 + 9 + 2 + 1);
  const auto text = ir::to_json(before);
  CHECK(text.find("\"format\":2,") != std::string::npos);
  const auto after = ir::manifest_from_json(text);
  REQUIRE(after);
  CHECK(after->program == before.program);
}

TEST_CASE("steps and crosses read back; they make the format 3") {
  auto before = sample();
  before.program.inputs = {{"x", TypeKind::float64}, {"c", TypeKind::text}, {"d", TypeKind::date}};
  before.program.features = {
      {"a", 0, ir::Number{}, {ir::Impute{ir::Replacement::mode, 3}, ir::Standardize{0.1, 2}}},
      {"b", 0, ir::Number{}, {ir::Logarithm{}, ir::MinMax{1, 0.3}, ir::Bucket{{-1.5, 0, 1e300}}}},
      {"e", 0, ir::Number{}, {ir::QuantileBucket{4, {1, 2}}, ir::Identity{3, true}}},
      {"f", 1, ir::Category{{"a", "b"}, 2, ir::TextForNull{true, "b"}}},
      {"g", 1, ir::HashedCategory{9, ir::TextForNull{false, "none"}}},
      {"h", 1, ir::Cross{{{1}, {0, {}, {ir::Bucket{{1}}}}, {2, ir::Part::month}}, 100}}};
  const auto text = ir::to_json(before);
  CHECK(text.find("\"format\":3,") != std::string::npos);
  const auto after = ir::manifest_from_json(text);
  REQUIRE(after);
  CHECK(after->program == before.program);
}

TEST_CASE("steps that cannot be run are damage") {
  auto m = sample();
  const auto refused = [&](std::vector<ir::Step> steps) {
    m.program.inputs = {{"x", TypeKind::float64}};
    m.program.features = {{"f", 0, ir::Number{}, std::move(steps)}};
    const auto read = ir::manifest_from_json(ir::to_json(m));
    return !read && read.errors().front().code == Code::corrupt_model;
  };
  CHECK(refused({ir::Standardize{0, 0}}));
  CHECK(refused({ir::Bucket{{2, 1}}}));
  CHECK(refused({ir::Identity{0}}));
  CHECK(refused({ir::Identity{3}, ir::Logarithm{}}));
  CHECK_FALSE(refused({ir::Standardize{0, 1}, ir::Bucket{{1, 2}}}));
}

TEST_CASE("a feature that does not suit its column is damage") {
  auto m = sample();
  const auto refused = [&](ir::Input input, ir::Transform transform) {
    m.program.inputs = {std::move(input)};
    m.program.features = {{"f", 0, std::move(transform)}};
    const auto read = ir::manifest_from_json(ir::to_json(m));
    return !read && read.errors().front().code == Code::corrupt_model;
  };
  CHECK(refused({"c", TypeKind::text}, ir::Number{}));
  CHECK(refused({"c", TypeKind::date}, ir::Category{{"a"}}));
  CHECK(refused({"c", TypeKind::float64}, ir::DatePart{ir::Part::year}));
  CHECK(refused({"c", TypeKind::list, 2}, ir::Element{2}));
  CHECK(refused({"c", TypeKind::list, 2}, ir::Element{-1}));
  CHECK(refused({"c", TypeKind::int64}, ir::Element{0}));
  CHECK_FALSE(refused({"c", TypeKind::list, 2}, ir::Element{1}));
}

TEST_CASE("a hidden feature that no group reads is damage") {
  auto m = sample();
  m.program.inputs = {{"c", TypeKind::text}};
  m.program.features = {{"c", 0, ir::Category{{"x", "y"}}, {}, true}};
  const auto alone = ir::manifest_from_json(ir::to_json(m));
  REQUIRE_FALSE(alone);
  CHECK(alone.errors().front().code == Code::corrupt_model);
  m.program.groups = {{"c", 0, ir::OneHot{0}, 2, true}};
  CHECK(ir::manifest_from_json(ir::to_json(m)));
}

TEST_CASE("text that takes more room or time than its program says is damage") {
  auto m = sample();
  m.program.inputs = {{"v", TypeKind::text}};
  const auto refused = [&] {
    const auto read = ir::manifest_from_json(ir::to_json(m));
    return !read && read.errors().front().code == Code::corrupt_model;
  };
  m.program.features = {{"v[0]", 0, ir::Element{0, "", 2}}};
  CHECK(refused());
  m.program.features.push_back({"v[1]", 0, ir::Element{1, "", 2}});
  CHECK_FALSE(refused());
  m.program.groups = {{"w", 0, ir::Ngrams{9}, 16, true}};
  CHECK(refused());
  m.program.groups = {{"w", 0, ir::Ngrams{8}, 16, true}};
  CHECK_FALSE(refused());
}

TEST_CASE("a manifest of format 1, as version 0.1 wrote it, is read") {
  const auto read = ir::manifest_from_json(
      R"({"attributes":[["booster","gbtree"],["eta","0.3"]],"created":"2026-11-01T00:00:00Z",)"
      R"("estimator":"xgboost.gbtree","format":1,)"
      R"("history":[{"data":"train","metric":"rmse","round":3,"value":0.5}],)"
      R"("label":{"classes":[],"column":"y","kind":"float64","precision":0,"scale":0,)"
      R"("sql_type":"DOUBLE","task":"regression"},"library":"XGBoost 1.7.4",)"
      R"("objective":"reg:squarederror","payload_format":"xgboost.ubj","program":{"features":[)"
      R"({"input":0,"name":"x","transform":"number"},)"
      R"({"input":1,"name":"c","transform":"category","vocabulary":["a","b"]},)"
      R"({"buckets":1024,"input":2,"name":"h","transform":"hashed_category"}],"inputs":[)"
      R"({"kind":"decimal","name":"x"},{"kind":"text","name":"c"},{"kind":"text","name":"h"}]},)"
      R"("quern_version":"0.1.0","rows":150,"seed":7,"statement":"SELECT 1 TO TRAIN x"})");
  REQUIRE(read);
  CHECK(read->program.features[1].transform == ir::Transform{ir::Category{{"a", "b"}}});
  CHECK(read->program.inputs[0] == ir::Input{"x", TypeKind::decimal});
  CHECK(read->rounds == 3);
}
