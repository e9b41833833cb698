#pragma once
// TO TRAIN, run: scan and spool, fit, engine, store.

#include <functional>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/progress.h"
#include "base/result.h"
#include "codegen/scoring.h"
#include "compiler/plan/plan.h"
#include "connectors/connector.h"
#include "runtime/model_store/model_store.h"

namespace quern::runtime {

/// What the caller of a pipeline hears and may ask for.
struct Control {
  CancelToken cancel;
  std::function<void(const Progress&)> on_progress;
  std::function<void(const Diagnostic&)> on_note = {};  ///< what the database says of a query
  ModelPlace models = {};
  std::optional<std::int64_t> memory = {};  ///< bytes for the rows that are held; unset: no limit
  codegen::Scoring scoring = {};
};

/// A part of what may be held in memory.
inline std::optional<std::int64_t> share_of(std::optional<std::int64_t> bytes, int parts, int of) {
  return bytes ? std::optional(*bytes / of * parts) : std::nullopt;
}

/// A metric over the folds of a cross-validation.
struct FoldMetric {
  std::string metric;
  double mean = 0;
  double deviation = 0;
};

/// What a search found.
struct TuneSummary {
  std::string algorithm;
  int trials = 0;   ///< made or taken over
  int planned = 0;  ///< more than `trials` where time was up
  int failed = 0;
  int first_failed = 0;  ///< the number of the first that did
  std::string first_failure;
  int taken_over = 0;  ///< of an earlier run of the same search
  int best = 0;        ///< its number
  std::string values;  ///< "eta 0.1, max_depth 4"
  std::string metric;
  double value = 0;
};

struct TrainSummary {
  std::string model;      ///< "iris_model@1"
  std::int64_t rows = 0;  ///< of training and validation
  ir::SplitReport split;
  std::size_t features = 0;
  int rounds = 0;      ///< in the model
  int rounds_run = 0;  ///< more than `rounds` where early stopping kept the best
  std::string estimator;
  std::string objective;
  /// Metrics of the model's last round: {"train mlogloss", value}.
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<FoldMetric> folds;  ///< empty where there are none
  std::optional<TuneSummary> tuned = {};
  double seconds = 0;
  Diagnostics notes;
};

/// Trains and stores a new version of the model. Nothing is stored unless all goes well.
/// Errors: Q3xxx from the rows, Q4xxx from the engine, Q5xxx from the database.
Result<TrainSummary> run_train(const plan::Train& plan, Connection& connection,
                               const Control& control);

}  // namespace quern::runtime
