#pragma once
// The metrics of TO EVALUATE by name: which models each suits, and what it reads of them. Their
// values are runtime/metrics.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/manifest.h"

namespace quern::ir {

enum class Metric : std::uint8_t {
  accuracy,
  precision,
  recall,
  f1,
  fbeta,
  specificity,
  roc_auc,
  average_precision,
  log_loss,
  brier_score,
  balanced_accuracy,
  mcc,
  cohen_kappa,
  zero_one_loss,
  true_positives,
  false_positives,
  false_negatives,
  true_negatives,
  precision_macro,
  recall_macro,
  f1_macro,
  precision_weighted,
  recall_weighted,
  f1_weighted,
  roc_auc_ovr,
  rmse,
  mae,
  r2,
  mape,
  mse,
  median_absolute_error,
  max_error,
  explained_variance,
  rmsle,
  msle,
  poisson_deviance,
  gamma_deviance,
  concordance,
  cluster_count,
  inertia,
  silhouette,
  adjusted_rand,
  reconstruction_error,
  explained_variance_ratio,
};

/// What a model answers with, as far as judging it goes.
enum class Judged : std::uint8_t { number, binary, multiclass, hazard, clusters, vector };

/// Hazards are those of survival:cox.
Judged judged(const Manifest& manifest);
/// "a number", "one of two classes", ...
std::string_view answer_words(Judged judged);

struct MetricSpec {
  Metric metric;
  std::string_view name;
  std::string_view aliases;     ///< other systems' names, with blanks between
  std::vector<Judged> suits;    ///< never empty
  bool by_default = false;      ///< in a table without evaluate.metrics
  bool of_probability = false;  ///< NULL where the model gives none
  bool needs_label = false;     ///< of models that were trained without one
};

/// In the order of the columns of a result.
std::span<const MetricSpec> metrics();

/// The metric that `name` means for such a model; nullptr when there is none. Case and underscores
/// do not count, so that Keras's names are found.
const MetricSpec* find_metric(std::string_view name, Judged judged);
/// The same for any model.
bool is_metric(std::string_view name);

/// The metrics that are shown unless others are asked for.
std::vector<const MetricSpec*> usual_metrics(Judged judged);

/// Every name, aliases included, for suggestions; canonical names of those that suit a model.
std::vector<std::string> metric_names();
std::vector<std::string> metric_names(Judged judged);

}  // namespace quern::ir
