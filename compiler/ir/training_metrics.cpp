// Source of the directions: XGBoost 1.7's EarlyStopping callback, maximize_metrics.

#include "compiler/ir/training_metrics.h"

#include <algorithm>
#include <array>

namespace quern::ir {
namespace {

struct TrainingMetric {
  std::string_view name;
  bool larger_is_better = false;
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
    TrainingMetric{"cox-nloglik"},
};

}  // namespace

std::vector<std::string> training_metric_names() {
  std::vector<std::string> names;
  for (const auto& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

bool larger_is_better(std::string_view name) {
  name = name.substr(0, name.find('@'));
  return std::any_of(kMetrics.begin(), kMetrics.end(),
                     [&](const TrainingMetric& m) { return m.name == name && m.larger_is_better; });
}

}  // namespace quern::ir
