// Source of the directions: XGBoost 1.7's EarlyStopping callback, maximize_metrics; scikit-learn's
// scorers.

#include "compiler/ir/training_metrics.h"

#include <algorithm>
#include <array>

#include "compiler/ir/metrics.h"

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

namespace {

/// A metric of TO EVALUATE that is 0 for a perfect model.
bool is_loss(Metric metric) {
  switch (metric) {
    case Metric::log_loss:
    case Metric::brier_score:
    case Metric::zero_one_loss:
    case Metric::false_positives:
    case Metric::false_negatives:
    case Metric::rmse:
    case Metric::mae:
    case Metric::mape:
    case Metric::mse:
    case Metric::median_absolute_error:
    case Metric::max_error:
    case Metric::rmsle:
    case Metric::msle:
    case Metric::poisson_deviance:
    case Metric::gamma_deviance: return true;
    default: return false;
  }
}

}  // namespace

std::string_view needed_objective(std::string_view name) {
  const auto* metric = find_metric(name);
  return metric == nullptr ? "" : metric->objective;
}

bool larger_is_better(std::string_view name) {
  if (const auto* metric = find_metric(name)) return metric->larger_is_better;
  for (const auto judged : {Judged::number, Judged::binary, Judged::multiclass, Judged::hazard}) {
    if (const auto* spec = find_metric(name, judged)) return !is_loss(spec->metric);
  }
  return false;
}

}  // namespace quern::ir
