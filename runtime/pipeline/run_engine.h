#pragma once
// One training by the library, told to who listens.

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/engines/engine.h"
#include "runtime/pipeline/train.h"

namespace quern::runtime {

/// Trains with the library that is there, and tells `control` of each round.
/// \param fold  of `folds`, from 1; 0: the model itself. Errors: those of the engine.
Result<TrainedModel> run_engine(const TrainTask& task, const Control& control, int fold = 0,
                                int folds = 0);

/// The metrics on validation rows after the round that was kept.
std::vector<RoundMetric> metrics_kept(const TrainedModel& model);

/// A parameter that the library did not use is an error, for nothing is ever ignored.
/// Errors: attribute_conflict.
Result<void> check_used(const TrainedModel& model);

/// Rounds of the model that is kept.
int rounds_kept(const TrainedModel& model);

/// {"validation logloss", its value}, in their order.
std::vector<std::pair<std::string, double>> named(const std::vector<RoundMetric>& metrics);

}  // namespace quern::runtime
