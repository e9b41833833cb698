// The engine and its rounds.

#include "runtime/pipeline/run_engine.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "runtime/engines/network_engine.h"
#include "runtime/engines/xgboost/xgboost_engine.h"
#include "runtime/pipeline/network_task.h"
#include "runtime/pipeline/scaled_labels.h"
#include "runtime/pipeline/unlabelled_task.h"

namespace quern::runtime {

namespace {

using OnRound = std::function<void(const RoundReport&)>;

/// Trains on labels in deviations from their mean, where that is of use.
Result<TrainedModel> train_scaled(NetworkEngine& engine, NetworkTask& task,
                                  const CancelToken& cancel, const OnRound& on_round) {
  QUERN_TRY(const auto scale, label_scale(task));
  if (scale.is_plain()) return engine.train(task, cancel, on_round);
  const auto train = scale_labels(task.train, scale);
  const auto validation = scale_labels(task.validation, scale);
  const auto test = scale_labels(task.test, scale);
  task.train = train.get();
  task.validation = validation.get();
  task.test = test.get();
  if (!task.start.empty()) {
    QUERN_TRY(task.start, scale_margins(task.start, inverse(scale)));
  }
  QUERN_TRY(auto model, engine.train(task, cancel, [&](const RoundReport& report) {
    auto of_rows = report;
    unscale(task.loss, scale, of_rows.metrics);
    on_round(of_rows);
  }));
  for (auto& report : model.history) unscale(task.loss, scale, report.metrics);
  unscale(task.loss, scale, model.test);
  QUERN_TRY(model.payload, scale_margins(model.payload, scale));
  return model;
}

/// The network's own task, with the rows of this training. \param memory  bytes that may be held of
/// them.
Result<TrainedModel> train_network(const TrainTask& task, std::optional<std::int64_t> memory,
                                   const CancelToken& cancel, const OnRound& on_round) {
  QUERN_TRY(auto* engine, torch_engine());
  auto network = *task.network;
  network.train = task.train;
  network.validation = task.validation;
  network.test = task.test;
  network.epochs = task.rounds;
  network.early_stopping = task.early_stopping;
  if (!task.start.empty()) network.start = task.start;
  network.buffer_bytes = block_bytes(memory);
  if (task.encoder_layers == 0) return train_scaled(*engine, network, cancel, on_round);
  QUERN_TRY(auto model, engine->train(network, cancel, on_round));
  QUERN_TRY(model.payload, with_encoder(model.payload, task.encoder_layers));
  return model;
}

}  // namespace

Result<TrainedModel> run_engine(const TrainTask& task, const Control& control, int fold,
                                int folds) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto on_round = [&](const RoundReport& report) {
    control.on_progress({.stage = Progress::Stage::train,
                         .round = report.round,
                         .rounds = report.rounds,
                         .fold = fold,
                         .folds = folds,
                         .seconds = std::chrono::duration<double>(Clock::now() - start).count(),
                         .metrics = named(report.metrics)});
  };
  if (task.fit) return task.fit(task, control.cancel, on_round);
  if (task.network) return train_network(task, control.memory, control.cancel, on_round);
  return make_xgboost_engine()->train(task, control.cancel, on_round);
}

std::vector<RoundMetric> metrics_kept(const TrainedModel& model) {
  std::vector<RoundMetric> out;
  for (const auto& report : model.history) {
    if (report.round != rounds_kept(model)) continue;
    std::copy_if(report.metrics.begin(), report.metrics.end(), std::back_inserter(out),
                 [](const RoundMetric& m) { return m.data == "validation"; });
  }
  return out;
}

Result<void> check_used(const TrainedModel& model) {
  for (const auto& warning : model.warnings) {
    if (warning.find("are not used") == std::string::npos) continue;
    return Diagnostic{Code::attribute_conflict,
                      "an attribute has no effect on this training: " + warning};
  }
  return {};
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
