#pragma once
// The search of TO TRAIN: trials over rows that are read, fitted and handed to the engine once,
// stored as they end, so that the same search need not begin anew.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "compiler/ir/search.h"
#include "runtime/engines/engine.h"
#include "runtime/fit/fit.h"
#include "runtime/model_store/model_store.h"
#include "runtime/pipeline/folds.h"
#include "runtime/pipeline/train.h"

namespace quern::runtime {

/// What a search came to.
struct Tuned {
  TrialList list;           ///< every trial, also those that halving stopped
  ir::ChosenValues values;  ///< of the best one
  int rounds = 0;           ///< that the best one was given
  /// The best one's; unset where it was taken over from an earlier run and must be trained again.
  std::optional<TrainedModel> model = {};     ///< not of kfold
  std::optional<CrossValidation> folds = {};  ///< kfold only
  std::shared_ptr<KeptRows> kept = {};        ///< for one more training; not of kfold
  TuneSummary summary;
};

/// Tries the values that the statement searches, `statement.tuning` says how.
/// \param start  the model to go on from, or no bytes.
/// A trial that the library refuses has failed, and the search goes on. Errors: the first failure
/// where all have failed, cancelled, out_of_memory, library_missing, and those of the store.
Result<Tuned> tune(const plan::Train& plan, Fitted& fitted, const std::vector<std::uint8_t>& start,
                   ModelStore& store, const Control& control);

/// Gives a statement the values of a trial, as if they had been written so.
void choose(ir::Train& statement, const ir::ChosenValues& values);

}  // namespace quern::runtime
