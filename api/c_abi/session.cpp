// Sessions, runs and rows for C.

#include <algorithm>
#include <cstring>

#include "api/arrow.hpp"
#include "api/c_abi/options.h"
#include "api/c_abi/problems.h"
#include "api/c_abi/session.h"
#include "api/quern.hpp"
#include "api/rows.hpp"

namespace quern::c_abi {
namespace {

/// Copies as much of a struct as both sides know of.
template <typename T>
void copy_known(const T& from, T* to, size_t size) {
  std::memcpy(static_cast<void*>(to), &from, std::min(size, sizeof(T)));
}

/// `message` must outlive it.
quern_done done_view(const Done& done, const std::string& message) {
  return {.size = sizeof(quern_done),
          .message = message.c_str(),
          .returned_rows = done.returned_rows ? 1 : 0,
          .bars = done.bars ? static_cast<int32_t>(*done.bars) : -1,
          .rows = done.rows,
          .seconds = done.seconds,
          .chart = static_cast<int32_t>(done.chart)};
}

/// An observer that calls C.
class Caller final : public Observer {
 public:
  Caller(quern_session& session, const quern_callbacks* callbacks) : session_(session) {
    if (callbacks != nullptr) copy_known(*callbacks, &to_, callbacks->size);
  }

  /// Errors, with the source that each of them is about.
  quern_problems& errors() { return *errors_; }
  quern_problems* take_errors() { return errors_.release(); }

  void on_source(std::string_view name, std::string_view text) override {
    name_ = c_text(name);
    text_ = text;
    if (to_.source != nullptr) to_.source(to_.user, name_.c_str(), text.data(), text.size());
  }
  void on_echo(std::string_view words) override {
    if (to_.echo != nullptr) to_.echo(to_.user, c_text(words).c_str());
  }
  void on_statement(const StatementStart& start) override {
    if (to_.statement != nullptr)
      to_.statement(to_.user, start.number, start.span.begin, start.span.end);
  }
  void on_schema(const Schema& schema) override {
    if (to_.schema == nullptr) return;
    ArrowSchema out{};
    if (const auto done = export_schema(schema, out); !done) return give_up(done.errors());
    to_.schema(to_.user, &out);
    if (out.release != nullptr) out.release(&out);
  }
  void on_batch(const ColumnBatch& batch) override {
    if (to_.batch == nullptr) return;
    ArrowArray out{};
    if (const auto done = export_batch(batch, out); !done) return give_up(done.errors());
    to_.batch(to_.user, &out);
    if (out.release != nullptr) out.release(&out);
  }
  void on_done(const Done& done) override {
    const auto message = c_text(done.message);
    const auto view = done_view(done, message);
    if (to_.done != nullptr) to_.done(to_.user, &view);
  }
  void on_failed(double seconds) override {
    if (to_.failed != nullptr) to_.failed(to_.user, seconds);
  }
  void on_diagnostic(const Diagnostic& problem) override {
    const SourceText source{name_, text_};
    const Problem heard(problem, source);
    if (problem.severity == Severity::error) errors_->add(problem, source);
    if (to_.problem != nullptr) to_.problem(to_.user, &heard.view());
  }
  void on_progress(const Progress& progress) override;

 private:
  /// Rows that cannot be handed out: the statement is of no use any more.
  void give_up(const Diagnostics& errors) {
    for (const auto& error : errors) on_diagnostic(error);
    session_.session.cancel();
  }

  quern_session& session_;
  quern_callbacks to_{};
  std::unique_ptr<quern_problems> errors_ = std::make_unique<quern_problems>();
  std::string name_;
  std::string_view text_;
};

void Caller::on_progress(const Progress& p) {
  if (to_.progress == nullptr) return;
  std::vector<const char*> names;
  std::vector<double> values;
  for (const auto& [name, value] : p.metrics) {
    names.push_back(name.c_str());
    values.push_back(value);
  }
  const quern_progress view{.size = sizeof(quern_progress),
                            .stage = static_cast<int32_t>(p.stage),
                            .round = p.round,
                            .rounds = p.rounds,
                            .fold = p.fold,
                            .folds = p.folds,
                            .trial = p.trial,
                            .trials = p.trials,
                            .metrics = static_cast<int32_t>(names.size()),
                            .rows = p.rows,
                            .seconds = p.seconds,
                            .metric_name = names.data(),
                            .metric_value = values.data()};
  to_.progress(to_.user, &view);
}

static_assert(static_cast<int>(Chart::confusion) == QUERN_CHART_CONFUSION);
static_assert(static_cast<int>(Chart::roc) == QUERN_CHART_ROC);
static_assert(static_cast<int>(Chart::precision_recall) == QUERN_CHART_PRECISION_RECALL);
static_assert(static_cast<int>(Chart::calibration) == QUERN_CHART_CALIBRATION);
static_assert(static_cast<int>(Chart::attributions) == QUERN_CHART_ATTRIBUTIONS);
static_assert(static_cast<int>(Progress::Stage::scan) == QUERN_STAGE_SCAN);
static_assert(static_cast<int>(Progress::Stage::fit) == QUERN_STAGE_FIT);
static_assert(static_cast<int>(Progress::Stage::train) == QUERN_STAGE_TRAIN);
static_assert(static_cast<int>(Progress::Stage::predict) == QUERN_STAGE_PREDICT);
static_assert(static_cast<int>(Progress::Stage::evaluate) == QUERN_STAGE_EVALUATE);
static_assert(static_cast<int>(Progress::Stage::explain) == QUERN_STAGE_EXPLAIN);
static_assert(static_cast<int>(Progress::Stage::write) == QUERN_STAGE_WRITE);

void fill(quern_summary* out, const RunSummary& summary) {
  if (out == nullptr) return;
  const quern_summary view{out->size, summary.statements, summary.failed, summary.not_checked,
                           summary.problems};
  copy_known(view, out, out->size);
}

Result<void> check_sizes(const quern_callbacks* callbacks, const quern_summary* summary) {
  const bool set = (callbacks == nullptr || callbacks->size >= sizeof(size_t)) &&
                   (summary == nullptr || summary->size >= sizeof(size_t));
  if (set) return {};
  return Diagnostic{Code::bad_api_call, "the call leaves the size of a struct unset"};
}

}  // namespace
}  // namespace quern::c_abi

using namespace quern;
using namespace quern::c_abi;

/// Rows and what was last said of them.
struct quern_rows {
  std::shared_ptr<Rows> rows;
  std::string text;  ///< of the statement, which spans point into
  std::string message = {};
  quern_done done = {};

  SourceText source() const { return {"<query>", text}; }
};

uint32_t quern_abi_version(void) { return QUERN_ABI_VERSION; }
const char* quern_version(void) { return library_version(); }

int quern_open(const char* uri, const quern_options* options, quern_session** session,
               quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (session == nullptr) return missing("the session");
    *session = nullptr;
    QUERN_TRY(const auto how, session_options(uri, options));
    QUERN_TRY(auto opened, Session::open(how));
    *session = new quern_session{std::move(opened)};
    return {};
  });
}

void quern_close(quern_session* session) { delete session; }

void quern_cancel(quern_session* session) {
  if (session != nullptr) session->session.cancel();
}

const char* quern_engine(quern_session* session) {
  if (session == nullptr) return "";
  const int done = guarded(nullptr, [&]() -> Result<void> {
    session->engine = c_text(session->session.engine());
    return {};
  });
  return done == QUERN_OK ? session->engine.c_str() : "";
}

int quern_needs_more_input(const quern_session* session, const char* text, size_t size) {
  bool more = false;
  guarded(nullptr, [&]() -> Result<void> {
    more = session != nullptr && session->session.needs_more_input(text_of(text, size));
    return {};
  });
  return more ? 1 : 0;
}

int quern_set_variable(quern_session* session, const char* name, const char* value,
                       quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (session == nullptr) return missing("the session");
    if (name == nullptr || value == nullptr) return missing("a variable's name or value");
    return session->session.set_variable(name, value);
  });
}

int quern_set(quern_session* session, const char* name, const char* value,
              quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (session == nullptr) return missing("the session");
    if (name == nullptr || value == nullptr) return missing("a setting's name or value");
    return session->session.set(name, value);
  });
}

int quern_setting(quern_session* session, const char* name, const char** value,
                  quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (value == nullptr) return missing("the value");
    *value = nullptr;
    if (session == nullptr) return missing("the session");
    if (name == nullptr) return missing("a setting's name");
    QUERN_TRY(const auto found, session->session.setting(name));
    session->setting = c_text(found);
    *value = session->setting.c_str();
    return {};
  });
}

int quern_run(quern_session* session, const char* text, size_t size,
              const quern_parameters* parameters, const quern_options* options,
              const quern_callbacks* callbacks, quern_summary* summary, quern_problems** problems) {
  quern_problems* heard = nullptr;
  RunSummary came;
  const int done = guarded(problems, [&]() -> Result<void> {
    if (session == nullptr) return missing("the session");
    if (text == nullptr && size != 0) return missing("the text");
    QUERN_CHECK(check_sizes(callbacks, summary));
    QUERN_TRY(const auto how, run_options(options, parameters));
    Caller caller(*session, callbacks);
    came = session->session.run(text_of(text, size), caller, how);
    if (!caller.errors().list.empty()) heard = caller.take_errors();
    return {};
  });
  if (done != QUERN_OK) return done;
  fill(summary, came);
  const bool well = came.ok() && heard == nullptr;
  if (problems != nullptr) {
    *problems = heard;
  } else {
    delete heard;
  }
  return well ? QUERN_OK : QUERN_FAILED;
}

struct quern_compiled {
  std::string message, plan;
  bool returns_rows;
  Schema schema;
};

int quern_compile(quern_session* session, const char* text, size_t size,
                  const quern_parameters* parameters, quern_compiled** compiled,
                  quern_problems** problems) {
  return guarded(problems, {"<query>", text_of(text, size)}, [&]() -> Result<void> {
    if (compiled == nullptr) return missing("what is compiled");
    *compiled = nullptr;
    if (session == nullptr) return missing("the session");
    if (text == nullptr && size != 0) return missing("the text");
    const quern_parameters none{};
    const auto& given = parameters == nullptr ? none : *parameters;
    QUERN_TRY(const auto found,
              session->session.compile(text_of(text, size), given.values, given.named));
    *compiled = new quern_compiled{c_text(found.message), c_text(found.plan), found.returns_rows,
                                   found.schema};
    return {};
  });
}

const char* quern_compiled_message(const quern_compiled* compiled) {
  return compiled == nullptr ? "" : compiled->message.c_str();
}
const char* quern_compiled_plan(const quern_compiled* compiled) {
  return compiled == nullptr ? "" : compiled->plan.c_str();
}
int quern_compiled_schema(const quern_compiled* compiled, struct ArrowSchema* out,
                          quern_problems** problems) {
  const int done = guarded(problems, [&]() -> Result<void> {
    if (compiled == nullptr) return missing("what is compiled");
    if (out == nullptr) return missing("the schema");
    *out = {};
    return compiled->returns_rows ? export_schema(compiled->schema, *out) : Result<void>();
  });
  return done == QUERN_OK && !compiled->returns_rows ? QUERN_END : done;
}
void quern_compiled_free(quern_compiled* compiled) { delete compiled; }

void quern_set_log(quern_session* session,
                   void (*log)(void* user, int32_t severity, const char* line), void* user) {
  if (session == nullptr) return;
  const auto call = [=](Severity severity, std::string_view words) {
    log(user, severity_of(severity), c_text(words).c_str());
  };
  guarded(nullptr, [&]() -> Result<void> {
    session->session.set_log(log == nullptr ? Log() : Log(call));
    return {};
  });
}

int quern_query(quern_session* session, const char* text, size_t size,
                const quern_parameters* parameters, quern_rows** rows, quern_problems** problems) {
  return guarded(problems, {"<query>", text_of(text, size)}, [&]() -> Result<void> {
    if (rows == nullptr) return missing("the rows");
    *rows = nullptr;
    if (session == nullptr) return missing("the session");
    if (text == nullptr && size != 0) return missing("the text");
    const auto statement = text_of(text, size);
    const quern_parameters none{};
    const auto& given = parameters == nullptr ? none : *parameters;
    QUERN_TRY(auto begun, session->session.query(statement, given.values, given.named));
    *rows = new quern_rows{std::make_shared<Rows>(std::move(begun)), std::string(statement)};
    return {};
  });
}

int quern_rows_schema(quern_rows* rows, struct ArrowSchema* out, quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (rows == nullptr) return missing("the rows");
    if (out == nullptr) return missing("the schema");
    return export_schema(rows->rows->schema(), *out);
  });
}

int quern_rows_next(quern_rows* rows, struct ArrowArray* out, quern_problems** problems) {
  bool more = false;
  const auto source = rows == nullptr ? SourceText{} : rows->source();
  const int done = guarded(problems, source, [&]() -> Result<void> {
    if (rows == nullptr) return missing("the rows");
    if (out == nullptr) return missing("the batch");
    *out = {};
    ColumnBatch batch;
    QUERN_TRY(more, rows->rows->next(batch));
    return more ? export_batch(batch, *out) : Result<void>();
  });
  return done == QUERN_OK && !more ? QUERN_END : done;
}

const quern_done* quern_rows_done(quern_rows* rows) {
  const auto* done = rows == nullptr ? nullptr : rows->rows->done();
  if (done == nullptr) return nullptr;
  const int made = guarded(nullptr, [&]() -> Result<void> {
    rows->message = c_text(done->message);
    rows->done = done_view(*done, rows->message);
    return {};
  });
  return made == QUERN_OK ? &rows->done : nullptr;
}

int quern_rows_notes(quern_rows* rows, quern_problems** notes) {
  return guarded(notes, [&]() -> Result<void> {
    if (rows == nullptr) return missing("the rows");
    if (notes == nullptr) return {};
    auto list = std::make_unique<quern_problems>();
    for (const auto& note : rows->rows->take_notes()) list->add(note, rows->source());
    *notes = list.release();
    return {};
  });
}

int quern_rows_stream(quern_rows* rows, struct ArrowArrayStream* out, quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (rows == nullptr) return missing("the rows");
    if (out == nullptr) return missing("the stream");
    return export_rows(rows->rows, *out);
  });
}

void quern_rows_free(quern_rows* rows) { delete rows; }
