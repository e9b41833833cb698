// The engine and its rounds.

#include "runtime/pipeline/run_engine.h"

#include <chrono>

#include "runtime/engines/xgboost/xgboost_engine.h"

namespace quern::runtime {

Result<TrainedModel> run_engine(const TrainTask& task, const Control& control, int fold,
                                int folds) {
  using Clock = std::chrono::steady_clock;
  const auto engine = make_xgboost_engine();
  const auto start = Clock::now();
  return engine->train(task, control.cancel, [&](const RoundReport& report) {
    control.on_progress({.stage = Progress::Stage::train,
                         .round = report.round,
                         .rounds = report.rounds,
                         .fold = fold,
                         .folds = folds,
                         .seconds = std::chrono::duration<double>(Clock::now() - start).count(),
                         .metrics = named(report.metrics)});
  });
}

int rounds_kept(const TrainedModel& model) {
  return model.best_round != 0 ? model.best_round : model.history.back().round;
}

std::vector<std::pair<std::string, double>> named(const std::vector<RoundMetric>& metrics) {
  std::vector<std::pair<std::string, double>> out;
  for (const auto& m : metrics) out.emplace_back(m.data + " " + m.metric, m.value);
  return out;
}

}  // namespace quern::runtime
