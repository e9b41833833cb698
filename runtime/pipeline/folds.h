#pragma once
// Cross-validation: a training for each fold that is kept apart, and what its metrics come to.

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/manifest.h"
#include "runtime/engines/engine.h"
#include "runtime/fit/fit.h"
#include "runtime/pipeline/train.h"

namespace quern::runtime {

struct CrossValidation {
  std::vector<FoldMetric> metrics;
  /// Those of each fold, "fold 1", and over all of them "folds mean" and "folds std".
  std::vector<ir::MetricPoint> points;
  int rounds = 0;  ///< of the model of all folds: the mean of what early stopping kept
};

/// Trains by `task` on all folds but one, for each of them; features are those fitted to all.
/// Errors: those of the engine.
Result<CrossValidation> cross_validate(const TrainTask& task, const Fitted& fitted,
                                       const Control& control);

}  // namespace quern::runtime
