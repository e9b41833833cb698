// The table of metrics. Names: ours are short, the aliases are scikit-learn's, Keras's as SQLFlow
// takes them, and XGBoost's.

#include "compiler/ir/metrics.h"

#include <algorithm>

#include "base/similar.h"

namespace quern::ir {
namespace {

using enum Metric;
using enum Judged;

std::vector<MetricSpec> make_class_metrics() {
  return {
      {accuracy,
       "accuracy",
       "accuracy_score binary_accuracy categorical_accuracy",
       {binary, multiclass},
       true},
      {precision, "precision", "precision_score", {binary}, true},
      {recall, "recall", "recall_score", {binary}, true},
      {f1, "f1", "f1_score", {binary}, true},
      {roc_auc, "roc_auc", "roc_auc_score auc", {binary}, true, true},
      {average_precision, "average_precision", "average_precision_score", {binary}, true, true},
      {balanced_accuracy, "balanced_accuracy", "balanced_accuracy_score", {multiclass}, true},
      {precision_macro, "precision_macro", "", {multiclass}, true},
      {recall_macro, "recall_macro", "", {multiclass}, true},
      {f1_macro, "f1_macro", "", {multiclass}, true},
      {f1_weighted, "f1_weighted", "", {multiclass}, true},
      {log_loss, "log_loss", "logloss mlogloss", {binary, multiclass}, true, true},
      {roc_auc_ovr, "roc_auc_ovr", "roc_auc roc_auc_score auc", {multiclass}, true, true},
      {brier_score, "brier_score", "brier_score_loss", {binary}, true, true},
      {balanced_accuracy, "balanced_accuracy", "balanced_accuracy_score", {binary}, true},
      {mcc, "mcc", "matthews_corrcoef", {binary, multiclass}, true},
      {cohen_kappa, "cohen_kappa", "cohen_kappa_score", {binary, multiclass}, true},
      {fbeta, "fbeta", "fbeta_score", {binary}},
      {specificity, "specificity", "true_negative_rate", {binary}},
      {zero_one_loss, "zero_one_loss", "hamming_loss error merror", {binary, multiclass}},
      {precision_weighted, "precision_weighted", "", {multiclass}},
      {recall_weighted, "recall_weighted", "", {multiclass}},
      {true_positives, "true_positives", "", {binary}},
      {false_positives, "false_positives", "", {binary}},
      {false_negatives, "false_negatives", "", {binary}},
      {true_negatives, "true_negatives", "", {binary}},
  };
}

std::vector<MetricSpec> make_number_metrics() {
  return {
      {rmse, "rmse", "root_mean_squared_error", {number}, true},
      {mae, "mae", "mean_absolute_error", {number}, true},
      {r2, "r2", "r2_score", {number}, true},
      {mape, "mape", "mean_absolute_percentage_error", {number}, true},
      {mse, "mse", "mean_squared_error", {number}, true},
      {median_absolute_error, "median_absolute_error", "", {number}, true},
      {max_error, "max_error", "", {number}, true},
      {explained_variance, "explained_variance", "explained_variance_score", {number}, true},
      {rmsle, "rmsle", "root_mean_squared_log_error", {number}, true},
      {msle, "msle", "mean_squared_log_error", {number}},
      {poisson_deviance, "poisson_deviance", "mean_poisson_deviance", {number}},
      {gamma_deviance, "gamma_deviance", "mean_gamma_deviance", {number}},
      {concordance, "concordance", "concordance_index c_index", {hazard}, true},
  };
}

/// Of models without a label.
std::vector<MetricSpec> make_unlabelled_metrics() {
  return {
      {cluster_count, "clusters", "", {clusters}, true},
      {inertia, "inertia", "", {clusters}, true},
      {silhouette, "silhouette", "silhouette_score", {clusters}, true},
      {.metric = adjusted_rand,
       .name = "adjusted_rand",
       .aliases = "adjusted_rand_score",
       .suits = {clusters},
       .by_default = true,
       .needs_label = true},
      {reconstruction_error, "reconstruction_error", "mse mean_squared_error", {vector}, true},
      {explained_variance_ratio, "explained_variance_ratio", "", {vector}, true},
  };
}

std::vector<MetricSpec> make_metrics() {
  auto out = make_class_metrics();
  auto numbers = make_number_metrics();
  out.insert(out.end(), numbers.begin(), numbers.end());
  auto unlabelled = make_unlabelled_metrics();
  out.insert(out.end(), unlabelled.begin(), unlabelled.end());
  return out;
}

/// TruePositives and true_positives are one name.
std::string plain(std::string_view name) {
  auto out = lower_ascii(name);
  std::erase(out, '_');
  return out;
}

std::vector<std::string> names_of(const MetricSpec& spec) {
  std::vector<std::string> out = {std::string(spec.name)};
  for (std::size_t at = 0; at < spec.aliases.size();) {
    const auto end = std::min(spec.aliases.find(' ', at), spec.aliases.size());
    out.emplace_back(spec.aliases.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_called(const MetricSpec& spec, std::string_view name) {
  const auto names = names_of(spec);
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& known) { return plain(known) == plain(name); });
}

bool suits(const MetricSpec& spec, Judged judged) {
  return std::find(spec.suits.begin(), spec.suits.end(), judged) != spec.suits.end();
}

}  // namespace

Judged judged(const Manifest& manifest) {
  if (manifest.objective == "survival:cox") return hazard;
  switch (manifest.label.task) {
    case Task::regression: return number;
    case Task::binary: return binary;
    case Task::multiclass: return multiclass;
    case Task::clusters: return clusters;
    case Task::vector: return vector;
  }
  return number;
}

std::string_view answer_words(Judged judged) {
  switch (judged) {
    case number: return "a number";
    case binary: return "one of two classes";
    case multiclass: return "one of several classes";
    case hazard: return "a hazard";
    case clusters: return "a cluster";
    case vector: return "several numbers";
  }
  return "";
}

std::span<const MetricSpec> metrics() {
  static const auto specs = make_metrics();
  return specs;
}

const MetricSpec* find_metric(std::string_view name, Judged judged) {
  for (const auto& spec : metrics()) {
    if (suits(spec, judged) && is_called(spec, name)) return &spec;
  }
  return nullptr;
}

bool is_metric(std::string_view name) {
  return std::any_of(metrics().begin(), metrics().end(),
                     [&](const auto& spec) { return is_called(spec, name); });
}

std::vector<const MetricSpec*> usual_metrics(Judged judged) {
  std::vector<const MetricSpec*> out;
  for (const auto& spec : metrics()) {
    if (spec.by_default && suits(spec, judged)) out.push_back(&spec);
  }
  return out;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> out;
  for (const auto& spec : metrics()) {
    for (auto& name : names_of(spec)) {
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
    }
  }
  return out;
}

std::vector<std::string> metric_names(Judged judged) {
  std::vector<std::string> out;
  for (const auto& spec : metrics()) {
    if (suits(spec, judged)) out.emplace_back(spec.name);
  }
  return out;
}

}  // namespace quern::ir
