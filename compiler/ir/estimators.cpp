// The estimators of language.md. Presets of the random forests: XGBoost 1.7's scikit-learn wrapper.

#include "compiler/ir/estimators.h"

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "compiler/ir/scripted_module.h"

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

void add_network(Descriptors& out, const char* name, const char* kind, LabelRole role) {
  out.push_back({.name = name,
                 .aliases = {},
                 .engine = "torch",
                 .booster = kind,
                 .label_role = role,
                 .default_rounds = 0});
}

void add_networks(Descriptors& out) {
  add_network(out, "DNNClassifier", "dnn", LabelRole::classes);
  add_network(out, "DNNRegressor", "dnn", LabelRole::number);
  add_network(out, "LinearClassifier", "linear", LabelRole::classes);
  add_network(out, "LinearRegressor", "linear", LabelRole::number);
  add_network(out, "DNNLinearCombinedClassifier", "combined", LabelRole::classes);
  add_network(out, "DNNLinearCombinedRegressor", "combined", LabelRole::number);
  add_network(out, "StackedRNNClassifier", "rnn", LabelRole::classes);
  add_network(out, "RNNBasedTimeSeriesModel", "time_series", LabelRole::number);
  add_network(out, "torch.Sequential", "sequential", LabelRole::by_data);
  out.back().aliases = {"torch.nn.Sequential"};
  add_network(out, "torch.jit.ScriptModule", "module", LabelRole::by_data);
  out.back().aliases = {"torch.ScriptModule"};
}

/// \param objective  of models without a label.
void add_unlabelled(Descriptors& out, const char* name, const char* kind, const char* objective) {
  add_network(out, name, kind, LabelRole::none);
  out.back().objective = objective;
}

void add_without_label(Descriptors& out) {
  add_unlabelled(out, "KMeans", "kmeans", "inertia");
  out.back().engine = "quern";
  add_unlabelled(out, "DeepEmbeddingClusterModel", "dec", "divergence");
  add_unlabelled(out, "PCA", "pca", "variance");
  out.back().engine = "quern";
  add_unlabelled(out, "AutoEncoder", "autoencoder", "reconstruction");
}

void add_later(Descriptors& out) {
  for (const char* name :
       {"IsolationForest", "OneClassSVM", "ARIMAWithSTLDecomposition", "ScoreCard"}) {
    out.push_back({.name = name, .aliases = {}, .available = false});
  }
}

Descriptors make_estimators() {
  Descriptors out;
  add_xgboost(out);
  add_networks(out);
  add_without_label(out);
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

std::span<const AttributeSpec> EstimatorDescriptor::attributes() const {
  if (!is_network()) return xgboost_attributes();
  const auto own = cluster_attributes(booster);
  return own.empty() ? network_attributes(booster) : own;
}

std::span<const EstimatorDescriptor> estimators() {
  static const Descriptors all = make_estimators();
  return all;
}

std::string booster_of(const EstimatorDescriptor& estimator, const std::vector<Setting>& settings) {
  const auto* setting = find_setting(settings, "booster");
  return setting == nullptr ? estimator.booster : std::get<std::string>(setting->value);
}

const EstimatorDescriptor* find_estimator(std::string_view name) {
  // A file's name stands for what reads it.
  if (is_module_file(name)) name = "torch.jit.ScriptModule";
  name = without_prefix(name);
  for (const auto& descriptor : estimators()) {
    if (answers_to(descriptor, name)) return &descriptor;
  }
  return nullptr;
}

std::string_view substitute_for(std::string_view name) {
  static constexpr std::array<KnownElsewhere, 14> kElsewhere = {{
      {"AutoClassifier", "it looks for a network by itself; DNNClassifier is one that you lay out"},
      {"AutoRegressor", "it looks for a network by itself; DNNRegressor is one that you lay out"},
      {"RawDNNClassifier", "DNNClassifier does the same"},
      {"dnnclassifier_functional_model", "DNNClassifier does the same"},
      {"CustomClassifier", "models in Python are not loaded; DNNClassifier is the nearest"},
      {"GCN", "networks over graphs are not part of the language"},
      {"StackedBiLSTMClassifier",
       "StackedRNNClassifier WITH model.model_type = lstm, model.bidirectional = true"},
      {"LSTMBasedTimeSeriesModel", "RNNBasedTimeSeriesModel WITH model.model_type = lstm"},
      {"randomforests", "xgboost.XGBRFClassifier WITH n_estimators = 100 grows a random forest"},
      {"random_forest_classifier", "xgboost.XGBRFClassifier"},
      {"random_forest_regressor", "xgboost.XGBRFRegressor"},
      {"boosted_tree_classifier", "xgboost.XGBClassifier"},
      {"boosted_tree_regressor", "xgboost.XGBRegressor"},
      {"linear_reg", "xgboost.gblinear"},
  }};
  if (name.find('/') != std::string_view::npos)
    return "an image holds a program of its own, and none is run; name an estimator";
  return substitute(without_prefix(name), kElsewhere);
}

}  // namespace quern::ir
