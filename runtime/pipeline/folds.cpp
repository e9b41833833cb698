// One training a fold.

#include "runtime/pipeline/folds.h"

#include <algorithm>
#include <cmath>

#include "runtime/engines/xgboost/xgboost_engine.h"
#include "runtime/pipeline/run_engine.h"

namespace quern::runtime {
namespace {

/// \param values  of one metric, one a fold. The deviation is that of a sample.
FoldMetric summary(const std::string& metric, const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double v : values) sum += v;
  FoldMetric out{.metric = metric, .mean = sum / n};
  double squares = 0;
  for (const double v : values) squares += (v - out.mean) * (v - out.mean);
  out.deviation = std::sqrt(squares / (n - 1));
  return out;
}

void summarize(const std::vector<std::vector<RoundMetric>>& folds, CrossValidation& out) {
  for (std::size_t m = 0; m < folds.front().size(); ++m) {
    const auto& name = folds.front()[m].metric;
    std::vector<double> values;
    for (std::size_t fold = 0; fold < folds.size(); ++fold) {
      values.push_back(folds[fold].at(m).value);
      out.points.push_back({out.rounds, "fold " + std::to_string(fold + 1), name, values.back()});
    }
    out.metrics.push_back(summary(name, values));
    out.points.push_back({out.rounds, "folds mean", name, out.metrics.back().mean});
    out.points.push_back({out.rounds, "folds std", name, out.metrics.back().deviation});
  }
}

}  // namespace

FoldRows::FoldRows(const Fitted& fitted, bool keep) {
  for (int fold = 0; fold < fitted.folds; ++fold) {
    const std::vector<std::uint8_t> mark{static_cast<std::uint8_t>(fold)};
    rows_.push_back({fitted.pages->part(fitted.marks_of_folds(fold)), fitted.pages->part(mark),
                     keep ? make_xgboost_engine()->keep_rows() : nullptr});
  }
}

TrainTask FoldRows::task_of(const TrainTask& task, int fold) const {
  const auto& rows = rows_[static_cast<std::size_t>(fold)];
  auto part = task;
  part.train = rows.learned.get();
  part.validation = rows.kept_apart.get();
  part.test = nullptr;
  part.kept = rows.kept;
  part.on_rows_taken = nullptr;
  return part;
}

Result<CrossValidation> cross_validate(const TrainTask& task, const FoldRows& folds,
                                       const Control& control) {
  std::vector<std::vector<RoundMetric>> metrics;
  double rounds = 0;
  for (int fold = 0; fold < folds.folds(); ++fold) {
    const auto part = folds.task_of(task, fold);
    QUERN_TRY(const auto model, run_engine(part, control, fold + 1, folds.folds()));
    metrics.push_back(metrics_kept(model));
    rounds += rounds_kept(model);
  }
  CrossValidation out;
  out.rounds = std::max(1, static_cast<int>(std::lround(rounds / folds.folds())));
  summarize(metrics, out);
  return out;
}

}  // namespace quern::runtime
