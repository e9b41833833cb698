// Binding against a made-up catalog: roles, spans, several errors at once.

#include <catch2/catch.hpp>

#include "compiler/bind/bind.h"
#include "compiler/ir/label_vector.h"
#include "tests/unit/compiler/fake_catalog.h"

using namespace quern;
using namespace quern::tests;

namespace {

FakeCatalog churn() {
  FakeCatalog catalog;
  catalog.schema = {field("tenure", TypeKind::int32), field("plan", TypeKind::text),
                    field("paid", TypeKind::decimal), field("left", TypeKind::boolean)};
  return catalog;
}

std::string under(const std::string& sql, const Diagnostic& d) {
  return sql.substr(d.span.begin, d.span.size());
}

ir::Label churn_label() {
  ir::Label label;
  label.column = "left";
  label.type.kind = TypeKind::boolean;
  label.task = ir::Task::binary;
  label.classes.emplace_back(false);
  label.classes.emplace_back(true);
  return label;
}

const ir::Train& train(const Result<ir::Statement>& bound) {
  if (!bound) FAIL(bound.errors().front().message);
  return std::get<ir::Train>(*bound);
}

}  // namespace

TEST_CASE("every selected column but the label becomes a feature by its type") {
  auto catalog = churn();
  const auto bound =
      bind_text("SELECT * FROM t TO TRAIN xgboost.gbtree LABEL left INTO m", catalog);
  const auto& t = train(bound);
  REQUIRE(t.program.features.size() == 3);
  CHECK_FALSE(t.program.features[0].is_category());
  CHECK(t.program.features[1].is_category());
  CHECK(t.label_column == 3);
  CHECK(t.label_role == ir::LabelRole::by_data);
}

TEST_CASE("the objective settles the kind of the label where the estimator does not") {
  auto catalog = churn();
  const auto number = bind_text(
      "SELECT * FROM t TO TRAIN xgboost.gbtree WITH objective = 'count:poisson' LABEL tenure INTO "
      "m",
      catalog);
  CHECK(train(number).label_role == ir::LabelRole::number);
  const auto classes = bind_text(
      "SELECT * FROM t TO TRAIN xgboost.gbtree WITH objective = 'multi:softprob' LABEL tenure INTO "
      "m",
      catalog);
  CHECK(train(classes).label_role == ir::LabelRole::classes);
}

TEST_CASE("a class objective does not go with a regressor, nor a number with a classifier") {
  auto catalog = churn();
  for (const std::string sql : {"SELECT * FROM t TO TRAIN XGBRegressor WITH objective = "
                                "'binary:logistic' LABEL left INTO m",
                                "SELECT * FROM t TO TRAIN XGBClassifier WITH objective = "
                                "'reg:squarederror' LABEL left INTO m"}) {
    const auto bound = bind_text(sql, catalog);
    REQUIRE_FALSE(bound);
    CHECK(bound.errors().front().code == Code::attribute_conflict);
    CHECK(under(sql, bound.errors().front()).find(':') != std::string::npos);
  }
}

TEST_CASE("schema errors of one statement come together, each under its own word") {
  auto catalog = churn();
  const std::string sql =
      "SELECT * FROM t TO TRAIN xgboost.gbtree WITH weight = wieght COLUMN tenur, plam LABEL leftt "
      "INTO m";
  const auto bound = bind_text(sql, catalog);
  REQUIRE_FALSE(bound);
  REQUIRE(bound.errors().size() == 4);
  std::vector<std::string> words;
  for (const auto& e : bound.errors()) {
    CHECK(e.code == Code::unknown_column);
    words.push_back(under(sql, e));
  }
  CHECK(words == std::vector<std::string>{"leftt", "wieght", "tenur", "plam"});
}

TEST_CASE("n_estimators counts trees in a random forest and rounds elsewhere") {
  auto catalog = churn();
  const auto forest = bind_text(
      "SELECT * FROM t TO TRAIN XGBRFClassifier WITH n_estimators = 7 LABEL left INTO m", catalog);
  CHECK(train(forest).rounds == 1);
  CHECK(ir::find_setting(train(forest).settings, "num_parallel_tree") != nullptr);
  const auto boosted = bind_text(
      "SELECT * FROM t TO TRAIN XGBClassifier WITH n_estimators = 7 LABEL left INTO m", catalog);
  CHECK(train(boosted).rounds == 7);
}

TEST_CASE("a prediction needs the model's columns in kinds that are treated alike") {
  auto catalog = churn();
  const auto label = churn_label();
  catalog.models["m"] = model({{"tenure", TypeKind::float64}, {"plan", TypeKind::text}}, label);
  CHECK(bind_text("SELECT * FROM t TO PREDICT USING m", catalog));

  catalog.models["m"] = model({{"tenure", TypeKind::text}}, label);
  const auto retyped = bind_text("SELECT * FROM t TO PREDICT USING m", catalog);
  REQUIRE_FALSE(retyped);
  CHECK(retyped.errors().front().code == Code::column_retyped);

  catalog.models["m"] = model({{"region", TypeKind::text}}, label);
  const auto missing = bind_text("SELECT * FROM t TO PREDICT USING m", catalog);
  REQUIRE_FALSE(missing);
  CHECK(missing.errors().front().code == Code::column_missing_for_model);
}

TEST_CASE("a target is ours only under the name it was written with") {
  auto catalog = churn();
  const auto label = churn_label();
  catalog.models["m"] = model({{"tenure", TypeKind::int32}}, label);
  const std::string sql = "SELECT * FROM t TO PREDICT out USING m";
  TableInfo info{.name = {.catalog = "db", .schema = "main", .table = "out"}};
  info.comment = ir::ours_comment(info.name);
  catalog.tables["out"] = info;
  CHECK(bind_text(sql, catalog));

  catalog.tables["out"].comment =
      ir::ours_comment({.catalog = "db", .schema = "main", .table = "before_renaming"});
  const auto renamed = bind_text(sql, catalog);
  REQUIRE_FALSE(renamed);
  CHECK(renamed.errors().front().code == Code::target_exists);

  catalog.tables["out"] = info;
  catalog.reads = {info.name};
  const auto read = bind_text(sql, catalog);
  REQUIRE_FALSE(read);
  CHECK(read.errors().front().code == Code::target_is_source);
}

TEST_CASE("a.b names a column of a, unless a is a schema") {
  auto catalog = churn();
  const auto label = churn_label();
  catalog.models["m"] = model({{"tenure", TypeKind::int32}}, label);
  auto bound = bind_text("SELECT * FROM t TO PREDICT a.b USING m", catalog);
  REQUIRE(bound);
  CHECK(std::get<ir::Predict>(*bound).result_column == "b");
  CHECK(std::get<ir::Predict>(*bound).target->table == TableName{.table = "a"});
  catalog.schemas = {"a"};
  bound = bind_text("SELECT * FROM t TO PREDICT a.b USING m", catalog);
  REQUIRE_FALSE(bound);
  CHECK(bound.errors().front().code == Code::ambiguous_target);
  bound = bind_text("SELECT * FROM t TO PREDICT a.b AS c USING m", catalog);
  REQUIRE(bound);
  CHECK(std::get<ir::Predict>(*bound).target->table == TableName{.schema = "a", .table = "b"});
}

TEST_CASE("forms whose engine comes later end in one error that points at them") {
  for (const std::string sql :
       {"SELECT 1 TO RUN m", "VERIFY MODEL m", "SELECT 1 TO TRAIN ScoreCard LABEL y INTO m"}) {
    const auto problems = check_text_of(sql);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].code == Code::not_in_this_version);
    CHECK(problems[0].span.known());
  }
}

namespace {

/// A linear layer, relu, and one more.
ir::ScriptedModule module_of(std::int32_t inputs, std::int32_t outputs) {
  ir::TowerPlan tower{.name = "module", .layers = {}, .embeds = false, .last = {}};
  tower.layers = {ir::LinearLayer{4}, ir::ActivationLayer{ir::Activation::relu}};
  tower.inputs = inputs;
  tower.last = {ir::LinearLayer{outputs}};
  return {.path = "model.pt", .plan = {{tower}}, .weights = {}};
}

}  // namespace

TEST_CASE("a file of TorchScript gives the layers, and numbers stay as they are") {
  auto catalog = churn();
  catalog.modules["model.pt"] = module_of(3, 1);
  const auto bound = bind_text("SELECT * FROM t TO TRAIN 'model.pt' LABEL left INTO m", catalog);
  const auto& t = train(bound);
  REQUIRE(t.module);
  CHECK(t.network == t.module->plan);
  CHECK(t.estimator->name == "torch.jit.ScriptModule");
  CHECK(t.program.features[0].steps.empty());
  const std::string missing = "SELECT * FROM t TO TRAIN 'other.pt' LABEL left INTO m";
  const auto failed = bind_text(missing, catalog);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.errors().front().code == Code::cannot_read_file);
  CHECK(under(missing, failed.errors().front()) == "'other.pt'");
}

TEST_CASE("a list is a label of as many numbers as a module gives") {
  auto catalog = churn();
  catalog.schema[2].type.kind = TypeKind::list;
  catalog.schema[2].type.element =
      std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::float64});
  catalog.modules["model.pt"] = module_of(2, 5);
  const auto bound =
      bind_text("SELECT tenure, plan, paid FROM t TO TRAIN 'model.pt' LABEL paid INTO m", catalog);
  CHECK(ir::label_width(train(bound)) == 5);
}
