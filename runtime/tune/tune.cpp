// Which trials are made, and what is kept of them.

#include "runtime/tune/tune.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "base/elapsed.h"
#include "base/format.h"
#include "compiler/ir/network_choice.h"
#include "compiler/ir/training_metrics.h"
#include "runtime/engines/xgboost/xgboost_engine.h"
#include "runtime/pipeline/run_engine.h"
#include "runtime/pipeline/train_task.h"
#include "runtime/tune/search_key.h"

namespace quern::runtime {
namespace {

using Clock = std::chrono::steady_clock;

/// Of halving: the share of trials that goes on, and how many times the rounds it gets.
constexpr int kEta = 3;

struct Measured {
  std::string metric;
  double value = 0;
};

/// One trial's training.
struct Outcome {
  std::optional<TrainedModel> model;     ///< not of kfold
  std::optional<CrossValidation> folds;  ///< kfold only
  std::vector<Measured> metrics;         ///< on validation rows, or the mean over folds
  int rounds = 0;
};

/// The library writes parameters its own way: error@0.70 is error@0.7.
bool is_same_metric(const std::string& a, const std::string& b) {
  const auto at = a.find('@');
  if (a == b || at == std::string::npos || b.find('@') != at) return a == b;
  return a.compare(0, at, b, 0, at) == 0 && a.ends_with('-') == b.ends_with('-') &&
         std::strtod(a.c_str() + at + 1, nullptr) == std::strtod(b.c_str() + at + 1, nullptr);
}

Result<Measured> pick(const std::vector<Measured>& metrics, const std::string& objective) {
  const auto at = std::find_if(metrics.begin(), metrics.end(), [&](const Measured& m) {
    return is_same_metric(objective, m.metric);
  });
  const bool last = objective.empty() && !metrics.empty();
  if (!last && at == metrics.end())
    return Diagnostic{Code::engine_failed, "the library reports no metric " + objective};
  const auto& picked = last ? metrics.back() : *at;
  if (std::isfinite(picked.value)) return picked;
  return Diagnostic{Code::engine_failed, "validation " + picked.metric + " is no number"};
}

class Search {
 public:
  Search(const plan::Train& plan, Fitted& fitted, const std::vector<std::uint8_t>& start,
         ModelStore& store, const Control& control)
      : plan_(plan),
        tuning_(*plan.statement.tuning),
        fitted_(fitted),
        start_(start),
        store_(store),
        control_(control) {}

  Result<Tuned> run() {
    QUERN_CHECK(begin());
    QUERN_CHECK(halves() ? run_halving() : run_all());
    if (!best_) return first_failure_;
    return finish();
  }

 private:
  bool halves() const { return tuning_.algorithm == ir::TuneAlgorithm::halving; }
  const TableName& where() const { return plan_.statement.into.where; }
  bool is_time_up() const {
    return tuning_.time_limit && seconds_since(begun_) >= *tuning_.time_limit;
  }

  Result<void> begin() {
    const auto* seed = ir::find_setting(plan_.statement.settings, "seed");
    values_ = ir::trials_of(tuning_, plan_.statement.settings,
                            seed == nullptr ? 0 : std::get<std::int64_t>(seed->value));
    const auto* bins = ir::find_setting(plan_.statement.settings, "max_bin");
    many_bins_ = bins != nullptr && bins->search.has_value();
    // A network's engine reads the pages, which stay as they are.
    const bool keeps = !plan_.statement.network;
    if (fitted_.folds > 0)
      folds_.emplace(fitted_, keeps);
    else if (keeps)
      kept_ = make_xgboost_engine()->keep_rows();
    auto first = plan_;
    choose(first.statement, values_.front());
    QUERN_TRY(search_, search_key(plan_, fitted_, rows_task(first)));
    QUERN_TRY(known_, store_.known_trials(where(), search_));
    begun_ = Clock::now();
    return {};
  }

  /// \param budget  rounds; 0: as many as the values say.
  Result<TrainTask> task_of(plan::Train& plan, const ir::ChosenValues& values, int budget) {
    choose(plan.statement, values);
    if (budget > 0) plan.statement.rounds = budget;
    auto task = rows_task(plan);
    QUERN_CHECK(add_network(plan, fitted_, task));
    return task;
  }

  TrainTask rows_task(plan::Train& plan) {
    auto task = make_task(plan, fitted_);
    task.start = start_;
    task.kept = kept_;
    // Bins of another number are made of the pages again.
    if (many_bins_) task.on_rows_taken = nullptr;
    return task;
  }

  Result<void> run_all() {
    for (int number = 1; number <= trials(); ++number) {
      if (best_ && is_time_up()) return {};
      QUERN_TRY([[maybe_unused]] const auto made, make(number, 0));
    }
    return {};
  }

  /// Successive halving (Jamieson and Talwalkar, 2016), with rounds as the budget. Whoever goes on
  /// is trained anew: a booster that goes on would have to be held for each trial, and a loaded one
  /// gives other bytes where a search is taken up again; at kEta 3 that costs less than a third.
  Result<void> run_halving() {
    const int all = plan_.statement.rounds;
    int steps = 0;
    for (int n = trials(), r = all; n >= kEta && r >= kEta; n /= kEta, r /= kEta) ++steps;
    std::vector<std::size_t> alive;  // places in results_
    std::vector<int> numbers;
    for (int number = 1; number <= trials(); ++number) numbers.push_back(number);
    for (int step = 0; step <= steps; ++step) {
      const auto budget =
          std::max(1, static_cast<int>(std::lround(all / std::pow(kEta, steps - step))));
      std::vector<std::size_t> made;
      for (const int number : numbers) {
        if (!(made.empty() && alive.empty()) && is_time_up()) break;
        QUERN_TRY(const auto place, make(number, budget));
        if (results_[place].state == ir::TrialState::done) made.push_back(place);
      }
      sort(made);
      if (!made.empty()) alive = made;
      if (is_time_up() && step < steps) break;
      numbers.clear();
      const auto most =
          std::max<std::size_t>(1, static_cast<std::size_t>(trials()) /
                                       static_cast<std::size_t>(std::pow(kEta, step + 1)));
      for (std::size_t i = 0; i < std::min(most, made.size()); ++i)
        numbers.push_back(results_[made[i]].number);
    }
    return complete(alive);
  }

  /// Whoever leads when time is up is given all its rounds: a model that is stored is never a stub.
  Result<void> complete(const std::vector<std::size_t>& alive) {
    for (const auto place : alive) {
      if (best_) return {};
      QUERN_TRY([[maybe_unused]] const auto made,
                make(results_[place].number, plan_.statement.rounds));
    }
    return {};
  }

  void sort(std::vector<std::size_t>& places) const {
    std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
      return ir::is_better(results_[a], results_[b], larger_is_better());
    });
  }

  int trials() const { return static_cast<int>(values_.size()); }
  bool larger_is_better() const { return ir::larger_is_better(metric_); }

  /// Makes a trial, or takes it over. Returns its place among the results.
  Result<std::size_t> make(int number, int budget) {
    if (control_.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    auto plan = plan_;
    const auto& values = values_[static_cast<std::size_t>(number - 1)];
    const auto task = task_of(plan, values, budget);
    const int rounds = task ? task->rounds : plan.statement.rounds;
    ir::Trial trial{.number = number, .values = ir::scalars_of(values), .budget = rounds};
    if (const auto* known = find_known(trial)) {
      ++taken_over_;
      if (!known->metric.empty()) metric_ = known->metric;
      note_failure(*known);
      return keep(*known, {});
    }
    const auto start = Clock::now();
    auto outcome = task ? train(*task, number) : Result<Outcome>(task.errors());
    if (!outcome && !is_refusal(outcome.errors().front())) return std::move(outcome).errors();
    if (outcome) outcome = judged(*std::move(outcome), trial);
    if (!outcome) {
      trial.state = ir::TrialState::failed;
      trial.message = outcome.errors().front().message;
      note_failure(trial);
    }
    trial.seconds = seconds_since(start);
    QUERN_CHECK(store_.add_trial(where(), search_, trial));
    return keep(std::move(trial), outcome ? *std::move(outcome) : Outcome{});
  }

  static bool is_refusal(const Diagnostic& problem) {
    return problem.code == Code::engine_failed || problem.code == Code::attribute_conflict ||
           problem.code == Code::attribute_range;
  }

  /// Reads the value of the search's metric.
  Result<Outcome> judged(Outcome outcome, ir::Trial& trial) {
    QUERN_TRY(const auto measured, pick(outcome.metrics, tuning_.objective));
    metric_ = measured.metric;
    trial.metric = measured.metric;
    trial.value = measured.value;
    trial.rounds = outcome.rounds;
    return outcome;
  }

  Result<Outcome> train(const TrainTask& task, int number) {
    auto control = control_;
    control.on_progress = [&](Progress progress) {
      progress.trial = number;
      progress.trials = trials();
      control_.on_progress(progress);
    };
    Outcome out;
    if (folds_) {
      QUERN_TRY(out.folds, cross_validate(task, *folds_, control));
      out.rounds = out.folds->rounds;
      for (const auto& m : out.folds->metrics) out.metrics.push_back({m.metric, m.mean});
      return out;
    }
    QUERN_TRY(out.model, run_engine(task, control));
    QUERN_CHECK(check_used(*out.model));
    out.rounds = rounds_kept(*out.model);
    for (const auto& m : metrics_kept(*out.model)) out.metrics.push_back({m.metric, m.value});
    return out;
  }

  const ir::Trial* find_known(const ir::Trial& trial) const {
    const auto at = std::find_if(known_.begin(), known_.end(), [&](const ir::Trial& k) {
      return k.number == trial.number && k.budget == trial.budget && k.values == trial.values;
    });
    return at == known_.end() ? nullptr : &*at;
  }

  void note_failure(const ir::Trial& trial) {
    if (trial.state != ir::TrialState::failed) return;
    if (failed_++ == 0) {
      first_failed_ = trial.number;
      first_failure_ = {Code::engine_failed, trial.message};
    }
  }

  /// Only what was given all its rounds can be the best.
  std::size_t keep(ir::Trial trial, Outcome outcome) {
    // Whether halving went on without it shows at the end.
    if (trial.state == ir::TrialState::stopped) trial.state = ir::TrialState::done;
    results_.push_back(std::move(trial));
    const auto place = results_.size() - 1;
    const auto& made = results_.back();
    const bool full = !halves() || made.budget == plan_.statement.rounds;
    if (made.state != ir::TrialState::done || !full) return place;
    if (best_ && !ir::is_better(made, results_[*best_], larger_is_better())) return place;
    best_ = place;
    best_outcome_ = std::move(outcome);
    return place;
  }

  Result<Tuned> finish() {
    const auto& best = results_[*best_];
    Tuned out{.values = values_[static_cast<std::size_t>(best.number - 1)],
              .rounds = best.budget,
              .model = std::move(best_outcome_.model),
              .folds = std::move(best_outcome_.folds),
              .kept = kept_};
    out.summary = {.algorithm = std::string(ir::algorithm_name(tuning_.algorithm)),
                   .planned = trials(),
                   .failed = failed_,
                   .first_failed = first_failed_,
                   .first_failure = first_failure_.message,
                   .taken_over = taken_over_,
                   .best = best.number,
                   .values = ir::format_values(out.values),
                   .metric = metric_,
                   .value = *best.value};
    out.list.search = search_;
    out.list.trials = std::move(results_);
    mark_stopped(out.list.trials);
    out.summary.trials = static_cast<int>(ir::ranked(out.list.trials, larger_is_better()).size());
    return out;
  }

  void mark_stopped(std::vector<ir::Trial>& trials) const {
    if (!halves()) return;
    for (auto& trial : trials) {
      if (trial.state == ir::TrialState::done && trial.budget < plan_.statement.rounds)
        trial.state = ir::TrialState::stopped;
    }
  }

  const plan::Train& plan_;
  const ir::Tuning& tuning_;
  Fitted& fitted_;
  const std::vector<std::uint8_t>& start_;
  ModelStore& store_;
  const Control& control_;
  std::vector<ir::ChosenValues> values_;  ///< of each trial
  bool many_bins_ = false;
  std::shared_ptr<KeptRows> kept_;  ///< not of kfold
  std::optional<FoldRows> folds_;   ///< kfold only
  std::string search_;
  std::vector<ir::Trial> known_;  ///< of an earlier run
  Clock::time_point begun_;
  std::string metric_;
  std::vector<ir::Trial> results_;
  std::optional<std::size_t> best_;
  Outcome best_outcome_;
  int taken_over_ = 0;
  int failed_ = 0;
  int first_failed_ = 0;
  Diagnostic first_failure_;
};

}  // namespace

void choose(ir::Train& statement, const ir::ChosenValues& values) {
  ir::choose(statement.settings, values);
  for (const char* name : {"num_round", "train.epoch"}) {
    if (const auto* rounds = ir::find_setting(statement.settings, name))
      statement.rounds = static_cast<int>(std::get<std::int64_t>(rounds->value));
  }
  const auto& estimator = *statement.estimator;
  if (statement.network && ir::has_chosen_layers(estimator))
    statement.network = ir::choose_network(estimator, statement.settings);
}

Result<Tuned> tune(const plan::Train& plan, Fitted& fitted, const std::vector<std::uint8_t>& start,
                   ModelStore& store, const Control& control) {
  return Search(plan, fitted, start, store, control).run();
}

}  // namespace quern::runtime
