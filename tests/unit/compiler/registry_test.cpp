// The registries: every name stands for one thing.

#include <catch2/catch.hpp>
#include <set>

#include "base/similar.h"
#include "compiler/ir/estimators.h"
#include "compiler/ir/feature_program.h"
#include "compiler/ir/metrics.h"
#include "compiler/ir/objectives.h"

using namespace quern;

namespace {

/// Of every statement and every kind of network.
std::vector<std::span<const ir::AttributeSpec>> tables() {
  std::vector<std::span<const ir::AttributeSpec>> out{
      ir::xgboost_attributes(), ir::predict_attributes(), ir::evaluate_attributes(),
      ir::explain_attributes()};
  for (const auto& e : ir::estimators()) {
    if (e.is_network()) out.push_back(e.attributes());
  }
  return out;
}

}  // namespace

TEST_CASE("no attribute name or alias is declared twice") {
  for (const auto specs : tables()) {
    std::set<std::string> names;
    for (const auto& spec : specs) {
      INFO(spec.name);
      CHECK(names.insert(lower_ascii(spec.name)).second);
      for (const auto& alias : spec.aliases) CHECK(names.insert(lower_ascii(alias)).second);
    }
  }
}

TEST_CASE("every attribute is documented, and a choice has values") {
  for (const auto specs : tables()) {
    for (const auto& spec : specs) {
      INFO(spec.name);
      CHECK_FALSE(spec.doc.empty());
      if (spec.type == ir::AttributeType::choice) CHECK_FALSE(spec.choices.empty());
      CHECK((spec.owner == ir::Owner::engine) == !spec.library_name.empty());
    }
  }
}

TEST_CASE("no estimator answers to a name of another, and prefixes are taken off") {
  std::set<std::string> names;
  for (const auto& e : ir::estimators()) {
    CHECK(names.insert(lower_ascii(e.name)).second);
    for (const auto& alias : e.aliases) CHECK(names.insert(lower_ascii(alias)).second);
  }
  CHECK(ir::find_estimator("SQLFLOW_MODELS.dnnclassifier")->name == "DNNClassifier");
  CHECK(ir::find_estimator("quern.xgbclassifier")->name == "xgboost.XGBClassifier");
  CHECK(ir::find_estimator("xgbclassifierr") == nullptr);
}

TEST_CASE("presets and renames of estimators name declared attributes") {
  for (const auto& e : ir::estimators()) {
    for (const auto& [name, value] : e.presets)
      CHECK(ir::find_attribute(e.attributes(), name) != nullptr);
    for (const auto& [alias, name] : e.renames)
      CHECK(ir::find_attribute(e.attributes(), name) != nullptr);
  }
}

TEST_CASE("reg:linear is the old name of reg:squarederror") {
  CHECK(ir::find_objective("REG:linear")->name == "reg:squarederror");
  CHECK(ir::find_objective("reg:linea") == nullptr);
}

TEST_CASE("the hash of text never changes: it is part of stored models") {
  // Worked out by a separate program in another language from the definition in the header.
  CHECK(ir::hash_bucket("", 1024) == 639);
  CHECK(ir::hash_bucket("a", 1024) == 881);
  CHECK(ir::hash_bucket("quern", 1024) == 49);
  CHECK(ir::hash_bucket("数据", 1024) == 395);
}

TEST_CASE("a name means one metric for a model, whatever its case and underscores") {
  using ir::Judged;
  for (const auto judged : {Judged::number, Judged::binary, Judged::multiclass, Judged::hazard,
                            Judged::clusters, Judged::vector}) {
    CHECK_FALSE(ir::usual_metrics(judged).empty());
    for (const auto& name : ir::metric_names(judged)) {
      INFO(name);
      REQUIRE(ir::find_metric(name, judged) != nullptr);
      CHECK(ir::find_metric(name, judged)->name == name);
    }
  }
  CHECK(ir::find_metric("TruePositives", Judged::binary)->metric == ir::Metric::true_positives);
  CHECK(ir::find_metric("roc_auc_score", Judged::multiclass)->metric == ir::Metric::roc_auc_ovr);
  CHECK(ir::find_metric("f1", Judged::multiclass) == nullptr);
  CHECK_FALSE(ir::is_metric("acuracy"));
}
