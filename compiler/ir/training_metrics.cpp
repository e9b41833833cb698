// Source of the directions: XGBoost 1.7's EarlyStopping callback, maximize_metrics.

#include "compiler/ir/training_metrics.h"

#include <algorithm>
#include <array>

namespace quern::ir {
namespace {

struct TrainingMetric {
  std::string_view name;
  bool larger_is_better = false;
  std::string_view objective = "";  ///< what the name of its objectives begins with
};

constexpr std::array kMetrics{
    TrainingMetric{"rmse"},
    TrainingMetric{"rmsle"},
    TrainingMetric{"mae"},
    TrainingMetric{"mape"},
    TrainingMetric{"mphe"},
    TrainingMetric{"logloss"},
    TrainingMetric{"error"},
    TrainingMetric{"merror"},
    TrainingMetric{"mlogloss"},
    TrainingMetric{"auc", true},
    TrainingMetric{"aucpr", true},
    TrainingMetric{"poisson-nloglik"},
    TrainingMetric{"gamma-nloglik"},
    TrainingMetric{"gamma-deviance"},
    TrainingMetric{"tweedie-nloglik"},
    TrainingMetric{"cox-nloglik", false, "survival:cox"},
    TrainingMetric{"aft-nloglik", false, "survival:aft"},
    TrainingMetric{"interval-regression-accuracy", true, "survival:aft"},
    TrainingMetric{"ndcg", true, "rank:"},
    TrainingMetric{"map", true, "rank:"},
};

}  // namespace

std::vector<std::string> training_metric_names() {
  std::vector<std::string> names;
  for (const auto& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

namespace {

/// "ndcg@5-" and "ndcg-" are ndcg.
const TrainingMetric* find_metric(std::string_view name) {
  name = name.substr(0, name.find('@'));
  if (name.ends_with('-')) name.remove_suffix(1);
  const auto* at = std::find_if(kMetrics.begin(), kMetrics.end(),
                                [&](const TrainingMetric& m) { return m.name == name; });
  return at == kMetrics.end() ? nullptr : at;
}

}  // namespace

std::string_view needed_objective(std::string_view name) {
  const auto* metric = find_metric(name);
  return metric == nullptr ? "" : metric->objective;
}

bool larger_is_better(std::string_view name) {
  const auto* metric = find_metric(name);
  return metric != nullptr && metric->larger_is_better;
}

}  // namespace quern::ir
