// The estimators of language.md. Presets of the random forests: XGBoost 1.7's scikit-learn wrapper.

#include "compiler/ir/estimators.h"

#include <algorithm>

#include "base/similar.h"

namespace quern::ir {
namespace {

using Descriptors = std::vector<EstimatorDescriptor>;

EstimatorDescriptor forest(std::string name, std::string alias, LabelRole role) {
  return {.name = std::move(name),
          .aliases = {std::move(alias)},
          .label_role = role,
          .presets = {{"eta", "1"},
                      {"subsample", "0.8"},
                      {"colsample_bynode", "0.8"},
                      {"lambda", "1e-05"},
                      {"num_parallel_tree", "100"}},
          .renames = {{"n_estimators", "num_parallel_tree"}},
          .default_rounds = 1};
}

void add_xgboost(Descriptors& out) {
  out.push_back({.name = "xgboost.gbtree", .aliases = {"gbtree", "xgboost"}});
  out.push_back({.name = "xgboost.dart", .aliases = {"dart"}, .booster = "dart"});
  out.push_back({.name = "xgboost.XGBClassifier",
                 .aliases = {"XGBClassifier", "BoostedTreesClassifier"},
                 .label_role = LabelRole::classes,
                 .any_booster = true});
  out.push_back({.name = "xgboost.XGBRegressor",
                 .aliases = {"XGBRegressor", "BoostedTreesRegressor"},
                 .label_role = LabelRole::number,
                 .any_booster = true});
  out.push_back(forest("xgboost.XGBRFClassifier", "XGBRFClassifier", LabelRole::classes));
  out.push_back(forest("xgboost.XGBRFRegressor", "XGBRFRegressor", LabelRole::number));
  out.push_back({.name = "xgboost.gblinear", .aliases = {"gblinear"}, .booster = "gblinear"});
  out.push_back({.name = "xgboost.XGBRanker",
                 .aliases = {"XGBRanker"},
                 .label_role = LabelRole::number,
                 .any_booster = true,
                 .objective = "rank:pairwise"});
}

void add_later(Descriptors& out) {
  for (const char* name :
       {"DNNClassifier", "DNNRegressor", "LinearClassifier", "LinearRegressor",
        "DNNLinearCombinedClassifier", "DNNLinearCombinedRegressor", "StackedRNNClassifier",
        "RNNBasedTimeSeriesModel", "AutoEncoder", "KMeans", "DeepEmbeddingClusterModel", "PCA",
        "IsolationForest", "OneClassSVM", "ARIMAWithSTLDecomposition", "ScoreCard"}) {
    out.push_back({.name = name, .aliases = {}, .available = false});
  }
}

Descriptors make_estimators() {
  Descriptors out;
  add_xgboost(out);
  add_later(out);
  return out;
}

std::string_view without_prefix(std::string_view name) {
  for (std::string_view prefix : {"sqlflow_models.", "quern."}) {
    if (name.size() > prefix.size() && equal_ignoring_case(name.substr(0, prefix.size()), prefix)) {
      return name.substr(prefix.size());
    }
  }
  return name;
}

bool answers_to(const EstimatorDescriptor& descriptor, std::string_view name) {
  return equal_ignoring_case(descriptor.name, name) ||
         std::any_of(descriptor.aliases.begin(), descriptor.aliases.end(),
                     [&](const auto& alias) { return equal_ignoring_case(alias, name); });
}

}  // namespace

std::span<const EstimatorDescriptor> estimators() {
  static const Descriptors all = make_estimators();
  return all;
}

std::string booster_of(const EstimatorDescriptor& estimator, const std::vector<Setting>& settings) {
  const auto* setting = find_setting(settings, "booster");
  return setting == nullptr ? estimator.booster : std::get<std::string>(setting->value);
}

const EstimatorDescriptor* find_estimator(std::string_view name) {
  name = without_prefix(name);
  for (const auto& descriptor : estimators()) {
    if (answers_to(descriptor, name)) return &descriptor;
  }
  return nullptr;
}

}  // namespace quern::ir
