#pragma once
// Cross-validation: a training for each fold that is kept apart, and what its metrics come to.

#include <memory>
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

/// The rows of each fold, and those that are learned from while it is kept apart. They lie in the
/// pages of `fitted`.
class FoldRows {
 public:
  /// \param keep  what the engine makes of them, for further trainings: several times the memory.
  FoldRows(const Fitted& fitted, bool keep);

  int folds() const { return static_cast<int>(rows_.size()); }
  /// The task with the rows of one training, from 0.
  TrainTask task_of(const TrainTask& task, int fold) const;

 private:
  struct Rows {
    std::unique_ptr<PageSource> learned;
    std::unique_ptr<PageSource> kept_apart;
    std::shared_ptr<KeptRows> kept;
  };
  std::vector<Rows> rows_;
};

/// Trains by `task` on all folds but one, for each of them; features are those fitted to all.
/// Errors: those of the engine.
Result<CrossValidation> cross_validate(const TrainTask& task, const FoldRows& folds,
                                       const Control& control);

}  // namespace quern::runtime
