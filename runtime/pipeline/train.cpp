// The stages of training behind one another.

#include "runtime/pipeline/train.h"

#include <chrono>
#include <new>
#include <system_error>

#include "base/clock.h"
#include "base/elapsed.h"
#include "base/format.h"
#include "base/secrets.h"
#include "base/version.h"
#include "codegen/scorer.h"
#include "compiler/ir/row_order.h"
#include "runtime/dataset/nameless_file.h"
#include "runtime/engines/network_engine.h"
#include "runtime/fit/list_fitter.h"
#include "runtime/model_store/model_store.h"
#include "runtime/pipeline/folds.h"
#include "runtime/pipeline/read_ahead.h"
#include "runtime/pipeline/run_engine.h"
#include "runtime/pipeline/train_task.h"
#include "runtime/pipeline/unlabelled_task.h"
#include "runtime/pipeline/validation.h"
#include "runtime/tune/tune.h"

namespace quern::runtime {
namespace {

using Clock = std::chrono::steady_clock;

/// Spans of a failing query are moved from its text into the script.
Diagnostics moved(Diagnostics errors, const ir::Train& statement) {
  const auto& query = statement.query;
  if (statement.order) return ir::moved_from_ordered(std::move(errors), query, *statement.order);
  for (auto& error : errors) {
    shift_spans(error, query.span.begin);
    // What a row brought about has no place of its own in the text.
    if (!error.span.known() && error.code != Code::cancelled) error.span = query.span;
  }
  return errors;
}

/// Completes the plan, too: lists show their length only in the rows.
Result<Fitted> scan_and_fit(plan::Train& plan, Connection& connection, const Control& control) {
  const auto& order = plan.statement.order;
  const auto& query = plan.statement.query;
  auto execution =
      connection.fetch(order ? ir::ordered_text(query, *order) : query.text, query.used);
  if (!execution) return moved(std::move(execution).errors(), plan.statement);
  // Rows of validation, read by a query of their own, get a third.
  const bool shared = plan.statement.validation.has_value();
  ListFitter fitter(plan, shared ? share_of(control.memory, 2, 3) : control.memory);
  Progress progress{.stage = Progress::Stage::scan};
  const auto start = Clock::now();
  ReadAhead rows(*execution, control.on_note);
  while (true) {
    if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    ColumnBatch batch;
    auto more = rows.next(batch);
    if (!more) return moved(std::move(more).errors(), plan.statement);
    if (!*more) break;
    progress.rows += batch.rows;
    QUERN_CHECK(fitter.add(std::move(batch)));
    progress.seconds = seconds_since(start);
    control.on_progress(progress);
  }
  return fitter.finish();
}

/// Metrics of each round, of the folds, and of the test.
std::vector<ir::MetricPoint> flatten(const TrainedModel& model, const CrossValidation& folds) {
  std::vector<ir::MetricPoint> out;
  for (const auto& report : model.history) {
    for (const auto& m : report.metrics) out.push_back({report.round, m.data, m.metric, m.value});
  }
  out.insert(out.end(), folds.points.begin(), folds.points.end());
  for (const auto& m : model.test) out.push_back({rounds_kept(model), m.data, m.metric, m.value});
  return out;
}

ir::SplitReport make_split(const plan::Train& plan, const Fitted& fitted) {
  const auto& split = plan.statement.split;
  ir::SplitReport out{.method = ir::method_name(fitted.split)};
  if (fitted.validation_pages) {
    return {.method = "validation.select", .validation_rows = fitted.validation_pages->rows()};
  }
  if (fitted.split == ir::SplitMethod::none) return out;
  const bool shares = fitted.split != ir::SplitMethod::column;
  if (fitted.validation) out.validation_rows = fitted.validation->rows();
  if (fitted.validation && shares) out.eval = split.eval;
  if (fitted.test) out.test_rows = fitted.test->rows();
  if (fitted.test && shares) out.test = split.test;
  out.folds = fitted.folds;
  if (ir::is_drawn(fitted.split)) out.seed = split.seed;
  if (split.key) out.column = plan.statement.query.description.schema[*split.key].name;
  return out;
}

std::vector<ir::Input> base_margin_inputs(const ir::Train& statement) {
  std::vector<ir::Input> out;
  for (const auto column : statement.extras.base_margin) {
    const auto& field = statement.query.description.schema[column];
    out.push_back({field.name, field.type.kind});
  }
  return out;
}

ir::Manifest make_manifest(const plan::Train& plan, const Fitted& fitted, const TrainTask& task,
                           const TrainedModel& model, const CrossValidation& folds,
                           const TuneSummary* tuned) {
  const auto* seed = ir::find_setting(plan.statement.settings, "seed");
  auto attributes = task.params;
  const bool network = task.network != nullptr;
  if (!task.fit)
    attributes.emplace_back(network ? "train.epoch" : "num_round", std::to_string(task.rounds));
  if (network && ir::find_setting(plan.statement.settings, "train.batch_size") == nullptr)
    attributes.emplace_back("train.batch_size", std::to_string(task.network->batch_rows));
  if (network) attributes.emplace_back("network", ir::plan_words(*plan.statement.network));
  if (const auto& start = plan.statement.start) {
    attributes.emplace_back(
        "using", ir::display_name(start->model.where) + "@" + std::to_string(start->version));
  }
  for (const char* name : {"validation.select", "train.early_stopping", "train.order_by", "group",
                           "base_margin", "label_upper_bound"}) {
    const auto* setting = ir::find_setting(plan.statement.settings, name);
    if (setting != nullptr)
      attributes.emplace_back(name, mask_passwords(ir::format_attribute(setting->value)));
  }
  if (tuned != nullptr) {
    attributes.emplace_back("tune.algorithm", tuned->algorithm);
    attributes.emplace_back("tune.trials", std::to_string(tuned->trials));
    attributes.emplace_back("tune.objective", tuned->metric);
  }
  auto program = fitted.program;
  ir::drop_uses(program);
  return {.statement = mask_passwords(plan.statement.text),
          .estimator = plan.statement.estimator->name,
          .objective = std::string(fitted.objective->name),
          .library = model.library,
          .payload_format = model.format,
          .program = std::move(program),
          .label = fitted.label,
          .base_margin = base_margin_inputs(plan.statement),
          .attributes = std::move(attributes),
          .history = flatten(model, folds),
          .rounds = rounds_kept(model),
          .rows = fitted.pages->rows(),
          .split = make_split(plan, fitted),
          .seed = seed != nullptr ? std::get<std::int64_t>(seed->value) : 0,
          .quern_version = version(),
          .created = utc_now()};
}

/// What the library logged becomes notes; see check_used() for what is an error.
Result<void> check_warnings(const ir::Train& statement, const TrainedModel& model,
                            Diagnostics& notes) {
  QUERN_CHECK(check_used(model));
  const auto* verbosity = ir::find_setting(statement.settings, "verbosity");
  if (verbosity != nullptr && std::get<std::int64_t>(verbosity->value) == 0) return {};
  for (const auto& warning : model.warnings) {
    notes.push_back(
        {.code = Code::engine_failed, .message = warning, .severity = Severity::warning});
  }
  return {};
}

/// The weights of a linear model may grow without bound; one that cannot predict is not stored.
Result<void> check_linear(const ir::Manifest& manifest, const TrainedModel& model,
                          SourceSpan span) {
  if (!manifest.is_linear() || codegen::read_model(manifest, model.payload)) return {};
  return Diagnostic{Code::engine_failed,
                    "the training diverged: a weight of the linear model is not finite", span,
                    "scale the features, or lower eta"};
}

/// The classes of a model cannot change: its trees are numbered by them.
Result<void> check_start(const plan::Train& plan, const Fitted& fitted) {
  const auto& start = plan.statement.start;
  if (!start || start->manifest->label.classes == fitted.label.classes) return {};
  std::string classes;
  for (const auto& c : start->manifest->label.classes)
    classes += (classes.empty() ? "" : ", ") + format_scalar(c);
  return Diagnostic{
      Code::class_unseen,
      "label " + fitted.label.column + " has other classes than the model, which has " + classes,
      plan.statement.label_span, "train a new model: leave out USING"};
}

/// A complaint without a place of its own gets one.
Diagnostics placed(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) {
    if (!error.span.known()) error.span = span;
  }
  return errors;
}

/// The model and what it was measured by.
struct Made {
  TrainTask task;
  CrossValidation folds;
  TrainedModel model;
};

/// Trains by the statement's own values, or goes on with what the search has made of them.
Result<Made> make_model(Fitted& fitted, TrainTask task, std::optional<Tuned>& tuned,
                        const Control& control) {
  Made out{.task = std::move(task), .folds = {}, .model = {}};
  if (tuned && tuned->model) {
    out.model = *std::move(tuned->model);
    return out;
  }
  if (fitted.folds > 0) {
    if (tuned && tuned->folds) {
      out.folds = *std::move(tuned->folds);
    } else {
      QUERN_TRY(out.folds, cross_validate(out.task, FoldRows(fitted, false), control));
    }
    out.task.rounds = out.folds.rounds;
    out.task.early_stopping = 0;  // no row is kept apart any more
  }
  QUERN_TRY(out.model, run_engine(out.task, control, 0, fitted.folds));
  return out;
}

/// Searches, and completes the statement by the best values.
Result<Tuned> search(plan::Train& plan, Fitted& fitted, const std::vector<std::uint8_t>& start,
                     ModelStore& store, const Control& control) {
  auto tuned = tune(plan, fitted, start, store, control);
  if (!tuned) return tuned;
  choose(plan.statement, tuned->values);
  plan.statement.rounds = tuned->rounds;
  return tuned;
}

Diagnostic note(std::string message) {
  return {.message = std::move(message), .severity = Severity::note};
}

void add_notes(const TuneSummary& tuned, Diagnostics& notes) {
  const auto of_all = " of " + counted(tuned.planned, "trial");
  if (tuned.trials < tuned.planned) {
    notes.push_back(note("tune.time_limit was reached: " + std::to_string(tuned.trials) + of_all +
                         (tuned.trials == 1 ? " was made" : " were made")));
  }
  if (tuned.taken_over > 0) {
    notes.push_back(note(counted(tuned.taken_over, "training") +
                         " taken over from an earlier run of this search"));
  }
  if (tuned.failed == 0) return;
  notes.push_back({.code = Code::engine_failed,
                   .message = counted(tuned.failed, "training") + " of the search failed; trial " +
                              std::to_string(tuned.first_failed) + ": " + tuned.first_failure,
                   .severity = Severity::warning});
}

TrainSummary summarize(const TableName& into, std::int64_t version, const ir::Manifest& manifest,
                       Made& made) {
  const auto& model = made.model;
  TrainSummary summary{.model = ir::display_name(into) + "@" + std::to_string(version),
                       .rows = manifest.rows,
                       .split = manifest.split,
                       .features = ir::width(manifest.program),
                       .rounds = manifest.rounds,
                       .rounds_run = model.history.back().round,
                       .estimator = manifest.estimator,
                       .objective = manifest.objective};
  for (const auto& report : model.history) {
    if (report.round == manifest.rounds) summary.metrics = named(report.metrics);
  }
  for (const auto& metric : named(model.test)) summary.metrics.push_back(metric);
  summary.folds = std::move(made.folds.metrics);
  return summary;
}

Result<TrainSummary> train(plan::Train plan, Connection& connection, const Control& control) {
  const auto begin = Clock::now();
  ModelStore store(connection, control.models);
  // Two queries must not see rows that moved from the one's to the other's meanwhile.
  std::unique_ptr<Snapshot> snapshot;
  if (plan.statement.validation) {
    QUERN_TRY(snapshot, connection.snapshot());
  }
  QUERN_TRY(auto fitted, scan_and_fit(plan, connection, control));
  fitted.label.dialect = dialect_name(connection.dialect());
  if (plan.statement.validation) {
    QUERN_TRY(fitted.validation_pages, read_validation(plan, fitted, connection, control));
    snapshot.reset();
  }
  QUERN_CHECK(check_start(plan, fitted));
  std::vector<std::uint8_t> start;
  if (const auto& from = plan.statement.start) {
    QUERN_TRY(start, store.payload(from->model, from->version, from->payload_check));
  }
  std::string home;
  std::optional<Tuned> tuned;
  if (plan.statement.tuning) {
    // Trials are stored as they end.
    QUERN_TRY(home, store.before_write(plan.statement.into.where));
    auto found = search(plan, fitted, start, store, control);
    if (!found) return placed(std::move(found).errors(), plan.statement.estimator_span);
    tuned = *std::move(found);
  }
  auto task = make_task(plan, fitted);
  task.start = std::move(start);
  const bool labelled = plan.statement.estimator->needs_label();
  if (auto added = labelled ? add_network(plan, fitted, task)
                            : add_unlabelled(plan, fitted, control.memory, task);
      !added)
    return placed(std::move(added).errors(), plan.statement.estimator_span);
  if (tuned) task.kept = std::move(tuned->kept);
  auto made = make_model(fitted, std::move(task), tuned, control);
  if (!made) return placed(std::move(made).errors(), plan.statement.estimator_span);
  auto& [final_task, folds, model] = *made;
  if (auto used = check_warnings(plan.statement, model, fitted.notes); !used) {
    return placed(std::move(used).errors(), plan.statement.estimator_span);
  }
  const auto manifest =
      make_manifest(plan, fitted, final_task, model, folds, tuned ? &tuned->summary : nullptr);
  QUERN_CHECK(check_linear(manifest, model, plan.statement.estimator_span));
  if (!tuned) {
    QUERN_TRY(home, store.before_write(plan.statement.into.where));
  }
  auto stored = store.save(plan.statement.into.where, manifest, model.payload,
                           tuned ? &tuned->list : nullptr);
  if (!stored) return placed(std::move(stored).errors(), plan.statement.into.span);
  auto summary = summarize(plan.statement.into.where, *stored, manifest, *made);
  summary.notes = std::move(fitted.notes);
  if (tuned) {
    add_notes(tuned->summary, summary.notes);
    summary.tuned = std::move(tuned->summary);
  }
  if (!home.empty()) summary.notes.push_back(note(home));
  summary.seconds = seconds_since(begin);
  return summary;
}

}  // namespace

Result<TrainSummary> run_train(const plan::Train& plan, Connection& connection,
                               const Control& control) {
  try {
    return train(plan, connection, control);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while training",
                      plan.statement.query.span};
  } catch (const std::system_error& error) {
    auto problem = no_room_for_rows(error);
    problem.span = plan.statement.query.span;
    return problem;
  }
}

}  // namespace quern::runtime
