// One function per verb.

#include "api/statement_runner.h"

#include <chrono>
#include <cstdio>

#include "api/own_words.h"
#include "base/box.h"
#include "base/column_builder.h"
#include "base/format.h"
#include "base/secrets.h"
#include "base/similar.h"
#include "compiler/bind/bind.h"
#include "compiler/bind/internal.h"
#include "parser/parser.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/explain/explain.h"
#include "runtime/model_file/transfer.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/predict.h"

namespace quern {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string rounded(double value, const char* format) {
  char out[32];
  std::snprintf(out, sizeof out, format, value);
  return out;
}

/// The split must be seen: nobody may take a metric of training for one of validation.
std::string split_words(const ir::SplitReport& split) {
  const auto test =
      split.test_rows > 0 ? ", " + counted(split.test_rows, "row") + " for the test" : "";
  if (split.folds > 0) return ", " + counted(split.folds, "fold") + test;
  if (split.validation_rows == 0) return ", no validation";
  return ", " + split.method + (split.method == "validation.select" ? "" : " split") + " with " +
         counted(split.validation_rows, "row") + " for validation" + test;
}

/// Says when rounds were taken off.
std::string stop_words(const runtime::TrainSummary& s) {
  return s.rounds_run > s.rounds ? " (best of " + std::to_string(s.rounds_run) + ")" : "";
}

std::string tuned_words(const runtime::TuneSummary& s) {
  return ", best of " + counted(s.trials, "trial") + " by " + s.metric + ": trial " +
         std::to_string(s.best) + " with " + s.values;
}

/// What a round of the estimator is called; "" where there is only one.
std::string round_word(const ir::EstimatorDescriptor& estimator) {
  if (estimator.booster == "pca") return "";
  if (estimator.booster == "kmeans") return "iteration";
  return estimator.is_network() && estimator.booster != "dec" ? "epoch" : "round";
}

/// How long it was trained, and what it was checked on.
std::string rounds_words(const runtime::TrainSummary& s) {
  const auto* estimator = ir::find_estimator(s.estimator);
  const auto word = estimator == nullptr ? "round" : round_word(*estimator);
  const auto rounds = word.empty() ? "" : ", " + counted(s.rounds, word) + stop_words(s);
  const bool checked = estimator == nullptr || ir::cluster_attributes(estimator->booster).empty();
  return rounds + (checked ? split_words(s.split) : "");
}

std::string train_message(const runtime::TrainSummary& s) {
  std::string out = "trained " + s.model + ": " + s.estimator + ", " + s.objective + ", " +
                    counted(s.rows, "row") + ", " +
                    counted(static_cast<std::int64_t>(s.features), "feature") + rounds_words(s);
  for (const auto& [name, value] : s.metrics) out += ", " + name + " " + rounded(value, "%.5g");
  if (s.tuned) out += tuned_words(*s.tuned);
  for (const auto& fold : s.folds) {
    out += ", folds " + fold.metric + " " + rounded(fold.mean, "%.5g") + " +- " +
           rounded(fold.deviation, "%.2g");
  }
  return out + ", " + rounded(s.seconds, "%.2f") + " s";
}

ColumnBatch lines_batch(const std::string& text) {
  ColumnBuilder lines({.kind = TypeKind::text});
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.append_text(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  const auto rows = lines.length();
  return {.rows = rows, .columns = {lines.finish()}};
}

Diagnostics placed_at(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) error.span = span;
  return errors;
}

std::string forest_words(codegen::KernelChoice choice) {
  if (choice == codegen::KernelChoice::walked) return "walked";
  const auto set = codegen::vector_set_of(choice);
  return set ? "bit-sliced, " + std::string(codegen::vector_set_name(*set)) : "interpreted";
}

/// What scores queries. \param out  until code is compiled.
std::string scoring_words(codegen::KernelChoice choice, std::string out) {
  if (choice == codegen::KernelChoice::compiled) return "compiled";
  if (choice == codegen::KernelChoice::automatic) out += ", compiled where that repays";
  return out;
}

std::string network_words(codegen::KernelChoice choice) {
  const auto set = codegen::vector_set_of(choice);
  return set ? "layers in blocks of rows, " + std::string(codegen::vector_set_name(*set))
             : "interpreted";
}

std::string shap_words(codegen::KernelChoice choice) {
  const auto set = codegen::vector_set_of(choice);
  return set ? "Tree SHAP, " + std::string(codegen::vector_set_name(*set)) : "interpreted";
}

/// A training that does not say takes the session's threads.
void set_threads(ir::Train& train, int threads) {
  if (threads == 0 || ir::find_setting(train.settings, "nthread") != nullptr) return;
  const auto* spec = ir::find_attribute(train.estimator->attributes(), "nthread");
  if (spec == nullptr) return;  // one thread does it
  train.settings.push_back({.spec = spec, .value = static_cast<std::int64_t>(threads)});
}

ir::ReportFile* page_of(ir::Statement& statement) {
  auto* evaluate = std::get_if<ir::Evaluate>(&statement);
  auto* explain = std::get_if<ir::Explain>(&statement);
  if (evaluate != nullptr && evaluate->page) return &*evaluate->page;
  return explain != nullptr && explain->page ? &*explain->page : nullptr;
}

Chart chart_of(ir::Report report) {
  switch (report) {
    case ir::Report::confusion: return Chart::confusion;
    case ir::Report::roc: return Chart::roc;
    case ir::Report::pr: return Chart::precision_recall;
    case ir::Report::calibration: return Chart::calibration;
    default: return Chart::none;
  }
}

/// Spans of a statement's text become those of the script; what has no place gets the statement's.
Diagnostics moved(Diagnostics errors, SourceSpan statement) {
  for (auto& error : errors) {
    shift_spans(error, statement.begin);
    if (!error.span.known() && error.code != Code::cancelled) error.span = statement;
  }
  return errors;
}

}  // namespace

StatementRunner::StatementRunner(SessionState& session, std::string_view script, CancelToken cancel,
                                 Observer& observer)
    : session_(session),
      connection_(session.connection()),
      catalog_(connection_, session),
      script_(script),
      cancel_(std::move(cancel)),
      observer_(observer),
      begin_(now()) {}

Result<void> StatementRunner::run(const ast::Statement& statement) {
  session_.begin_statement();
  auto done = run_one(statement);
  tell(session_.take_notes());
  return done;
}

Result<std::string> StatementRunner::plan_json(const ast::Statement& statement) {
  if (std::holds_alternative<ast::PlainSql>(statement.node)) return std::string();
  if (std::holds_alternative<Box<ast::Inspect>>(statement.node)) return std::string();
  session_.begin_statement();
  return inspect_text({.statement = statement, .format = ast::Format::json});
}

Result<void> StatementRunner::run_one(const ast::Statement& statement) {
  if (const auto* inspect = std::get_if<Box<ast::Inspect>>(&statement.node))
    return run_inspect(**inspect);
  // A connection that is cancelled refuses all calls; the statement before may have used another.
  if (cancel_.requested()) return Diagnostic{Code::cancelled, "cancelled"};
  QUERN_TRY(auto bound, bind_one(statement));
  tell(session_.take_notes());
  return run_ir(std::move(bound));
}

Result<ir::Statement> StatementRunner::bind_one(const ast::Statement& statement) {
  QUERN_TRY(auto bound, bind(statement, catalog_));
  const auto text = script_.substr(statement.span.begin, statement.span.size());
  if (auto* train = std::get_if<ir::Train>(&bound)) {
    train->text = text;
    set_threads(*train, session_.threads());
  }
  if (auto* import = std::get_if<ir::ImportModel>(&bound)) import->text = mask_passwords(text);
  if (auto* page = page_of(bound)) page->text = mask_passwords(text);
#ifndef NDEBUG
  const auto wrong = ir::verify(bound);
  if (!wrong.empty()) return Diagnostic{Code::internal, "internal error: " + wrong, statement.span};
#endif
  return bound;
}

Result<void> StatementRunner::run_ir(ir::Statement statement) {
  return std::visit(Overloaded{
                        [&](ir::Train& s) { return run_train(std::move(s)); },
                        [&](ir::Predict& s) { return run_predict(std::move(s)); },
                        [&](ir::Evaluate& s) { return run_evaluate(std::move(s)); },
                        [&](ir::Explain& s) { return run_explain(std::move(s)); },
                        [&](ir::ShowModels& s) { return run_show(s); },
                        [&](ir::ShowTrain& s) { return show(train_report(s)); },
                        [&](ir::ShowTrials& s) { return run_trials(s); },
                        [&](ir::ShowAttributes& s) { return show(attributes_report(s)); },
                        [&](ir::DescribeModel& s) { return run_describe(s); },
                        [&](ir::DropModel& s) { return run_drop(s); },
                        [&](ir::ExportModel& s) { return run_export(s); },
                        [&](ir::ImportModel& s) { return run_import(s); },
                        [&](ir::PlainSql& s) { return run_sql(s); },
                        [&](ir::SetOption& s) { return run_set(s); },
                        [&](ir::Attach& s) { return run_attach(s); },
                    },
                    statement);
}

plan::Environment StatementRunner::environment() const {
  return {
      .engine = connection_.engine(),
      .fetches_some = connection_.fetches_some(),
      .one_connection = connection_.in_transaction() || !connection_.write_rules().beside_reading,
      .forest_kernel = scoring_words(session_.kernel(), forest_words(session_.kernel())),
      .linear_kernel = scoring_words(session_.kernel(), "interpreted"),
      .network_kernel = network_words(session_.kernel()),
      .shap_kernel = shap_words(session_.kernel()),
      .permutation_kernel = forest_words(session_.kernel())};
}

runtime::Control StatementRunner::control() const {
  return {cancel_,
          [this](const Progress& progress) { observer_.on_progress(progress); },
          [this](const Diagnostic& note) { observer_.on_diagnostic(note); },
          session_.models(),
          memory_ ? std::optional(memory_->bytes()) : std::nullopt,
          session_.scoring()};
}

Result<void> StatementRunner::borrow_memory() {
  QUERN_TRY(memory_, connection_.borrow_memory());
  return {};
}

void StatementRunner::note(std::string message) {
  if (message.empty()) return;
  observer_.on_diagnostic({.message = std::move(message), .severity = Severity::note});
}

void StatementRunner::tell(const Diagnostics& notes) {
  for (const auto& note : notes) observer_.on_diagnostic(note);
}

void StatementRunner::finish(Done done) {
  done.seconds = now() - begin_;
  if (done.returned_rows) done.chart = chart_;
  observer_.on_done(done);
}

Result<void> StatementRunner::run_train(ir::Train statement) {
  QUERN_CHECK(borrow_memory());
  const auto plan = plan::plan(std::move(statement), environment());
  QUERN_TRY(const auto summary, runtime::run_train(plan, connection_, control()));
  tell(summary.notes);
  finish({.message = train_message(summary), .rows = summary.rows});
  return {};
}

Result<void> StatementRunner::run_predict(ir::Predict statement) {
  auto env = environment();
  env.computes = computes(statement.use.query);
  const auto plan = plan::plan(std::move(statement), env);
  if (plan.inside) return run_inside(plan);
  QUERN_CHECK(borrow_memory());
  return run_output(plan.output, [&](runtime::Sink& sink) {
    return runtime::run_predict(plan, connection_, sink, control());
  });
}

bool StatementRunner::computes(const ir::Query& query) const {
  return !connection_.in_transaction() && connection_.computes(query.text);
}

Result<void> StatementRunner::run_inside(const plan::Predict& plan) {
  QUERN_TRY(const auto target, prepare_target(plan.output));
  QUERN_TRY(const auto rows,
            runtime::run_predict_inside(plan, target.name, connection_, control()));
  finish_table(plan.output, rows);
  return {};
}

Result<void> StatementRunner::run_evaluate(ir::Evaluate statement) {
  QUERN_CHECK(borrow_memory());
  const auto plan = plan::plan(std::move(statement), environment());
  chart_ = chart_of(plan.statement.report);
  return run_output(plan.output, [&](runtime::Sink& sink) -> Result<std::int64_t> {
    QUERN_TRY(const auto summary, runtime::run_evaluate(plan, connection_, sink, control()));
    tell(summary.notes);
    return summary.rows;
  });
}

Result<void> StatementRunner::run_explain(ir::Explain statement) {
  QUERN_CHECK(borrow_memory());
  const auto plan = plan::plan(std::move(statement), environment());
  if (plan.statement.local && !plan.statement.expected_value) chart_ = Chart::attributions;
  const auto produce = [&](runtime::Sink& sink) {
    return runtime::run_explain(plan, connection_, sink, control());
  };
  return run_output(plan.output, produce, plan.statement.measure());
}

Result<void> StatementRunner::run_output(const plan::Output& output, const Producer& produce,
                                         std::optional<std::size_t> bars) {
  if (output.write == plan::Write::rows) {
    observer_.on_schema(output.schema);
    const auto sink =
        runtime::make_rows_sink([this](const ColumnBatch& b) { observer_.on_batch(b); });
    QUERN_TRY(const auto rows, produce(*sink));
    finish({.returned_rows = true, .rows = rows, .bars = bars});
    return {};
  }
  QUERN_TRY(const auto placed, prepare_target(output));
  auto order = output;
  order.table = placed.name;
  auto sink = runtime::make_table_sink(order, placed.connection, cancel_, control().memory);
  if (!sink) {
    auto errors = std::move(sink).errors();
    for (auto& error : errors) error.span = output.span;
    return errors;
  }
  QUERN_TRY(const auto rows, produce(**sink));
  tell((*sink)->take_notes());
  finish_table(output, rows);
  return {};
}

Result<Placed> StatementRunner::prepare_target(const plan::Output& output) {
  QUERN_TRY(const auto placed, session_.place(output.table));
  QUERN_TRY(auto home, placed.connection.before_write());
  note(std::move(home));
  return placed;
}

void StatementRunner::finish_table(const plan::Output& output, std::int64_t rows) {
  finish({.message = "wrote " + counted(rows, "row") + " to " + ir::display_name(output.table),
          .rows = rows});
}

Result<void> StatementRunner::run_show(const ir::ShowModels& statement) {
  QUERN_TRY(const auto rows, store().list({}, statement.like));
  return show(models_report(rows));
}

Result<void> StatementRunner::show(const Report& report) {
  observer_.on_schema(report.schema);
  if (report.rows.rows > 0) observer_.on_batch(report.rows);
  finish({.returned_rows = true, .rows = report.rows.rows});
  return {};
}

Result<void> StatementRunner::run_trials(const ir::ShowTrials& statement) {
  const auto& model = statement.model;
  auto trials = store().trials(model.ref, model.version);
  if (!trials) return placed_at(std::move(trials).errors(), model.ref.span);
  if (!trials->empty()) return show(trials_report(*model.manifest, *std::move(trials)));
  return Diagnostic{Code::not_tuned,
                    "the trials of a model stay where it was tuned: " +
                        ir::display_name(model.ref.where) + "@" + std::to_string(model.version),
                    model.ref.span, "IMPORT MODEL brings none along"};
}

Result<void> StatementRunner::run_describe(const ir::DescribeModel& statement) {
  QUERN_TRY(const auto sizes, store().sizes(statement.model.ref, statement.model.version));
  return show(describe_report(statement, sizes));
}

runtime::ModelStore StatementRunner::store() const {
  return runtime::ModelStore(connection_, session_.models());
}

Result<void> StatementRunner::set_kernel(const ir::Setting& setting) {
  const auto& name = std::get<std::string>(setting.value);
  const auto choice = codegen::kernel_choice(name).value_or(codegen::KernelChoice::automatic);
  const auto set = codegen::vector_set_of(choice);
  if (set && !codegen::runs_here(*set)) {
    return Diagnostic{Code::attribute_range, "this machine does not run " + name,
                      setting.value_span,
                      "auto takes " + std::string(vector_set_name(codegen::best_vector_set()))};
  }
  session_.set_kernel(choice);
  return {};
}

Result<void> StatementRunner::run_set(const ir::SetOption& statement) {
  const auto& setting = statement.setting;
  const auto name = "quern." + setting.spec->name;
  if (setting.spec->name == "threads") {
    session_.set_threads(static_cast<int>(std::get<std::int64_t>(setting.value)));
  } else if (setting.spec->name == "kernel") {
    QUERN_CHECK(set_kernel(setting));
  } else if (setting.spec->name == "allow_torchscript") {
    session_.allow_torchscript(std::get<bool>(setting.value));
  } else if (setting.spec->name == "fetch_connections") {
    session_.set_fetch_connections(static_cast<int>(std::get<std::int64_t>(setting.value)));
  } else if (auto set = session_.set_model_store(std::get<std::string>(setting.value)); !set) {
    return placed_at(std::move(set).errors(), setting.value_span);
  }
  finish({.message = "set " + name + " = " + mask_passwords(ir::format_attribute(setting.value))});
  return {};
}

Result<void> StatementRunner::run_attach(const ir::Attach& statement) {
  auto attached = session_.attach(statement.name, statement.uri);
  if (!attached) {
    const bool name = attached.errors().front().code == Code::connection_exists;
    return placed_at(std::move(attached).errors(), name ? statement.name_span : statement.uri_span);
  }
  finish({.message = "attached " + statement.name + ": USE " + statement.name + " goes on there"});
  return {};
}

bool StatementRunner::run_own(const ir::PlainSql& statement) {
  const auto dialect = connection_.dialect();
  if (const auto name = name_of_use(statement.text, dialect); name && session_.can_use(*name)) {
    session_.use(*name);
    finish({.message = "using " + *name});
    return true;
  }
  const auto name = name_of_detach(statement.text, dialect);
  if (!name || !session_.can_detach(*name)) return false;
  session_.detach(*name);
  finish({.message = "detached " + *name});
  return true;
}

Result<void> StatementRunner::run_export(const ir::ExportModel& statement) {
  auto models = store();
  QUERN_TRY(const auto bytes, runtime::run_export(statement, models));
  const auto& model = statement.model;
  finish({.message = "exported " + ir::display_name(model.ref.where) + "@" +
                     std::to_string(model.version) + " to " + statement.path + ": " +
                     std::string(ir::format_name(statement.format)) + ", " +
                     counted(static_cast<std::int64_t>(bytes), "byte")});
  return {};
}

Result<void> StatementRunner::run_import(const ir::ImportModel& statement) {
  const auto names = [this](const ColumnType& type) { return connection_.type_name(type); };
  QUERN_TRY(auto model, runtime::read_model_file(statement, names));
  auto& label = model.manifest.label;
  if (label.dialect.empty()) label.dialect = dialect_name(connection_.dialect());
  auto models = store();
  QUERN_TRY(auto home, models.before_write(statement.into.where));
  note(std::move(home));
  QUERN_TRY(const auto name, runtime::store_model(statement, model, models));
  const auto& m = model.manifest;
  const auto features = static_cast<std::int64_t>(ir::width(m.program));
  finish({.message = "imported " + name + ": " + m.estimator + ", " + m.objective + ", " +
                     counted(features, "feature") +
                     (m.rounds > 0 ? ", " + counted(m.rounds, "round") : std::string())});
  return {};
}

Result<void> StatementRunner::run_drop(const ir::DropModel& statement) {
  const auto dropped = store().drop(statement.model, statement.if_exists);
  if (!dropped) {
    auto errors = dropped.errors();
    for (auto& error : errors) error.span = statement.model.span;
    return errors;
  }
  const auto count = *dropped;
  // Binding has the words for a model that is not there.
  if (count == 0 && !statement.if_exists)
    QUERN_CHECK(binding::require_model(statement.model, catalog_));
  finish(
      {.message = "dropped " + ir::display_name(statement.model) + ": " + counted(count, "version"),
       .rows = count});
  return {};
}

Result<void> StatementRunner::stream(BatchStream& rows, SourceSpan span) {
  observer_.on_schema(rows.schema());
  std::int64_t count = 0;
  while (true) {
    if (cancel_.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    ColumnBatch batch;
    auto more = rows.next(batch);
    if (!more || !*more) tell(rows.take_notes());
    if (!more) return moved(std::move(more).errors(), span);
    if (!*more) break;
    count += batch.rows;
    observer_.on_batch(batch);
  }
  finish({.returned_rows = true, .rows = count});
  return {};
}

Result<void> StatementRunner::run_sql(const ir::PlainSql& statement) {
  if (run_own(statement)) return {};
  auto execution = connection_.execute(statement.text);
  if (!execution) {
    auto errors = std::move(execution).errors();
    if (errors.front().code == Code::database_rejected_query) {
      if (const auto near = near_miss(statement.text, connection_.dialect())) errors = {*near};
    }
    return moved(std::move(errors), statement.span);
  }
  tell(session_.take_notes());
  tell(execution->notes);
  if (execution->rows) return stream(*execution->rows, statement.span);
  if (sets_threads(statement.text, connection_.dialect())) session_.follow_database_threads();
  const auto changed = execution->changed;
  finish({.message = changed > 0 ? counted(changed, "row") + " changed" : "ok", .rows = changed});
  return {};
}

Result<std::string> StatementRunner::inspect_text(const ast::Inspect& inspect) {
  if (inspect.stage == ast::Stage::ast) return mask_passwords(ast::dump(inspect.statement));
  QUERN_TRY(auto bound, bind_one(inspect.statement));
  if (inspect.stage == ast::Stage::ir) return mask_passwords(ir::dump(bound));
  if (inspect.stage == ast::Stage::llvm) {
    const auto* predict = std::get_if<ir::Predict>(&bound);
    const auto& use = predict != nullptr ? predict->use : std::get<ir::Evaluate>(bound).use;
    return runtime::print_code(use, connection_, session_.models());
  }
  auto env = environment();
  const bool json = inspect.format == ast::Format::json;
  const auto print = [&](auto statement, const ir::Query& query) -> Result<std::string> {
    env.computes = computes(query);
    QUERN_TRY(env.rows, connection_.estimate_rows(query.text));
    return plan::dump(plan::plan(std::move(statement), env), env,
                      json ? plan::Format::json : plan::Format::text);
  };
  const auto print_use = [&](const auto& s) -> Result<std::string> {
    QUERN_TRY(env.trees,
              runtime::describe_kernel(s.use, connection_, session_.models(), session_.kernel()));
    return print(s, s.use.query);
  };
  return std::visit(Overloaded{
                        [&](const ir::Train& s) { return print(s, s.query); },
                        [&](const ir::Predict& s) { return print_use(s); },
                        [&](const ir::Evaluate& s) { return print_use(s); },
                        [&](const ir::Explain& s) { return print(s, s.use.query); },
                        [&](const auto&) -> Result<std::string> {
                          return json ? plan::json_of_words(ir::dump(bound))
                                      : mask_passwords(ir::dump(bound));
                        },
                    },
                    bound);
}

Result<void> StatementRunner::run_inspect(const ast::Inspect& inspect) {
  QUERN_TRY(const auto text, inspect_text(inspect));
  const auto batch = lines_batch(text);
  observer_.on_schema({{"explain", {.kind = TypeKind::text, .sql_name = "VARCHAR"}}});
  if (batch.rows > 0) observer_.on_batch(batch);
  finish({.returned_rows = true, .rows = batch.rows});
  return {};
}

}  // namespace quern
