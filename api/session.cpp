// A session: script -> statements -> IR -> plan -> pipeline, and what the observer hears of it.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <optional>
#include <vector>

#include "api/command_sql.h"
#include "api/completer.h"
#include "api/dry_run.h"
#include "api/log_observer.h"
#include "api/model_impl.h"
#include "api/parameter_text.h"
#include "api/quern.hpp"
#include "api/rows_impl.h"
#include "api/script_observer.h"
#include "api/session_catalog.h"
#include "api/session_settings.h"
#include "api/session_state.h"
#include "api/statement_runner.h"
#include "base/cancel.h"
#include "base/secrets.h"
#include "base/similar.h"
#include "base/version.h"
#include "compiler/bind/bind.h"
#include "connectors/connector.h"
#include "parser/parser.h"
#include "parser/script.h"
#include "runtime/model_file/module_file.h"

namespace quern {

Observer::~Observer() = default;
void Observer::on_source(std::string_view /*name*/, std::string_view /*text*/) {}
void Observer::on_echo(std::string_view /*words*/) {}
Result<void> Observer::on_command(const std::string& name, const std::vector<std::string>&) {
  return Diagnostic{Code::bad_command, "nobody carries out `\\" + name + "` here"};
}
void Observer::on_statement(const StatementStart& /*start*/) {}
void Observer::on_schema(const Schema& /*schema*/) {}
void Observer::on_batch(const ColumnBatch& /*batch*/) {}
void Observer::on_done(const Done& /*done*/) {}
void Observer::on_failed(double /*seconds*/) {}
void Observer::on_diagnostic(const Diagnostic& /*problem*/) {}
void Observer::on_progress(const Progress& /*progress*/) {}

const char* library_version() { return version(); }

Result<std::optional<TableInfo>> SessionCatalog::find_table(const TableName& name) {
  QUERN_TRY(const auto placed, session_.place(name));
  return placed.connection.find_table(placed.name);
}

Result<bool> SessionCatalog::schema_exists(const std::string& name) {
  QUERN_TRY(const auto placed, session_.place({.schema = name, .table = {}}));
  if (placed.name.schema.empty()) return true;
  return connection_.schema_exists(name);
}

namespace {

/// The type as any database may call it.
ColumnType nameless(ColumnType type) {
  type.sql_name.clear();
  if (type.element) type.element = std::make_shared<const ColumnType>(nameless(*type.element));
  return type;
}

/// Keeps what a statement of ours fails with.
struct Heard final : Observer {
  Diagnostics errors;
  void on_diagnostic(const Diagnostic& problem) override {
    if (problem.severity == Severity::error) errors.push_back(problem);
  }
};

}  // namespace

Result<TargetPlace> SessionCatalog::place_target(const TableName& table, const Schema& columns) {
  QUERN_TRY(const auto placed, session_.place(table));
  TargetPlace out{.elsewhere = placed.elsewhere, .columns = columns};
  if (!placed.elsewhere) return out;
  for (auto& column : out.columns) {
    column.type = nameless(std::move(column.type));
    column.type.sql_name = placed.connection.type_name(column.type);
  }
  return out;
}

Result<std::optional<FoundModel>> SessionCatalog::find_model(const ir::ModelRef& model) {
  QUERN_TRY(auto found, store_.find(model));
  if (!found) return found;
  const auto& label = found->manifest->label;
  if (label.dialect.empty() || label.dialect == dialect_name(connection_.dialect())) return found;
  auto manifest = *found->manifest;
  auto& type = manifest.label.type;
  type = nameless(std::move(type));
  type.sql_name = connection_.type_name(type);
  found->manifest = std::make_shared<const ir::Manifest>(std::move(manifest));
  return found;
}

Result<std::vector<std::string>> SessionCatalog::model_names(const ir::ModelRef& model) {
  QUERN_TRY(const auto rows, store_.list(model.where, std::nullopt));
  std::vector<std::string> names;
  for (const auto& row : rows) {
    if (names.empty() || names.back() != row.name) names.push_back(row.name);
  }
  return names;
}

Result<ir::ScriptedModule> SessionCatalog::read_module(const std::string& path) {
  if (session_.allows_torchscript()) return runtime::read_module_file(path);
  return Diagnostic{Code::not_allowed, "reading a program is not allowed: " + path,
                    SourceSpan::none(),
                    "a file of TorchScript holds one; where you trust it, "
                    "`SET quern.allow_torchscript = true;` first"};
}

class Session::Impl {
 public:
  Impl(std::unique_ptr<Connection> connection, const SessionOptions& options)
      : state_(std::move(connection), options.threads, options.code_cache) {}

  Connection& connection() { return state_.connection(); }

  ~Impl() { end_rows(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  RunSummary run(std::string_view text, Observer& observer, const RunOptions& options) {
    begin();
    LogObserver logged(observer, log_);
    return run_script(text, logged, options, {});
  }

  Result<Compiled> compile(std::string_view text, const Parameters& parameters,
                           const NamedParameters& named) {
    begin();
    Heard heard;
    Compiled out;
    run_script(text, heard, {.name = "<query>", .parameters = parameters, .named = named},
               {true, &out});
    if (heard.errors.empty()) return out;
    return std::move(heard.errors);
  }

  void set_log(Log log) {
    end_rows();
    log_ = std::move(log);
  }

  Result<Rows> query(std::string_view text, const Parameters& parameters,
                     const NamedParameters& named) {
    begin();
    auto rows = std::make_shared<Rows::Impl>([this] { cancel(); });
    QUERN_CHECK(rows->start([this, text = std::string(text), parameters,
                             named](Observer& observer) {
      LogObserver logged(observer, log_);
      caught(logged, [&] {
        return run_script(text, logged,
                          {.name = "<query>", .parameters = parameters, .named = named}, {true});
      });
    }));
    rows_ = rows;
    QUERN_CHECK(rows->await_schema());
    return Rows::Impl::rows(std::move(rows));
  }

  /// What a run throws, the observer hears.
  template <typename F>
  static RunSummary caught(Observer& observer, F run) noexcept {
    try {
      return run();
    } catch (const std::bad_alloc&) {
      tell(observer, Code::out_of_memory, "out of memory");
    } catch (const std::exception& e) {
      tell(observer, Code::internal, e.what());
    }
    return {.failed = 1};
  }

  /// Where even that is too much, the summary has to do.
  static void tell(Observer& observer, Code code, const char* words) noexcept {
    try {
      observer.on_diagnostic(
          {code, code == Code::internal ? std::string("internal error: ") + words : words});
    } catch (const std::exception&) {
      return;
    }
  }

  Result<void> set_variable(const std::string& name, const std::string& value) {
    if (!is_variable_name(name)) {
      return Diagnostic{Code::bad_command, "not a name for a variable: " + name, SourceSpan::none(),
                        "letters, digits and _"};
    }
    variables_[name] = value;
    return {};
  }

  /// A text as the type that the setting has.
  static Parameter setting_value(const std::string& name, const std::string& value) {
    const auto* spec = ir::find_attribute(ir::session_attributes(), name);
    const bool flag = spec != nullptr && spec->type == ir::AttributeType::boolean;
    if (flag && (value == "true" || value == "false")) return Parameter(value == "true");
    std::int64_t number = 0;
    const auto* end = value.data() + value.size();
    const bool whole = std::from_chars(value.data(), end, number).ptr == end && !value.empty();
    return whole ? Parameter(number) : Parameter(value);
  }

  /// As the statement would, whose words the value cannot leave.
  Result<void> set(const std::string& name, const std::string& value) {
    if (!is_variable_name(name))
      return Diagnostic{Code::unknown_setting, "not a name of a setting: " + name};
    QUERN_TRY(const auto values,
              parameter_texts({setting_value(name, value)}, state_.connection().dialect()));
    Heard heard;
    run("SET quern." + name + " = " + values[0].in_clause.value_or("NULL"), heard, {});
    if (heard.errors.empty()) return {};
    for (auto& error : heard.errors) error.span = SourceSpan::none();
    return std::move(heard.errors);
  }

  Result<std::string> setting(const std::string& name) {
    end_rows();
    return setting_text(state_, name);
  }

  Completion complete(std::string_view text, std::size_t cursor) {
    begin_completion();
    names_.begin_answer();
    auto out = Completer(state_, names_, variables_).complete(text, cursor);
    out.unfinished = names_.reading();
    return out;
  }

  Inspection inspect(std::string_view text, std::size_t cursor) {
    begin_completion();
    names_.begin_answer();
    return Completer(state_, names_, variables_).inspect(text, cursor);
  }

  void prepare_completion() {
    begin_completion();
    names_.prepare();
  }

  std::optional<std::string> variable(const std::string& name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::nullopt : std::optional(found->second);
  }

  Result<Model> model(const std::string& name) {
    begin();
    auto& connection = state_.connection();
    QUERN_TRY(const auto named, find_named_model(name, connection, state_));
    runtime::ModelStore store(connection, state_.models());
    const auto& found = named.found;
    QUERN_TRY(const auto payload, store.payload(named.ref, found.version, found.payload_check));
    return Model::Impl::make(found.manifest, payload);
  }

  void cancel() noexcept {
    cancel_.request();
    state_.cancel();
  }

 private:
  /// The caller goes on: rows of an earlier statement end, and so does a request to stop it.
  void begin() {
    names_.stop();
    begin_completion();
  }

  /// What is being read for completion goes on.
  void begin_completion() {
    end_rows();
    if (names_.reading()) return;
    cancel_.reset();
    state_.resume();
  }

  void end_rows() noexcept {
    if (const auto rows = rows_.lock()) rows->close();
    rows_.reset();
  }

  /// What is asked of a text besides.
  struct Only {
    bool one = false;              ///< it is one statement
    Compiled* compiled = nullptr;  ///< which is looked at, not run
  };

  RunSummary run_script(std::string_view text, Observer& observer, const RunOptions& options,
                        const Only& only) {
    const auto dialect = state_.connection().dialect();
    const auto values = script_values(options.parameters, options.named, dialect);
    if (!values) {
      observer.on_source(options.name, text);
      report(values.errors(), observer);
      return {.problems = values.errors().size()};
    }
    const CommandMeaning meaning{
        [&](const auto& name, const auto& words) { return sql_of_command(name, words, dialect); },
        options.view_commands};
    const auto script = expand({options.name, std::string(text)}, variables_, dialect,
                               read_included, *values, meaning);
    ScriptObserver heard(script, observer);
    if (!script.problems.empty()) {
      heard.report_problems();
      return {.problems = script.problems.size()};
    }
    Diagnostics problems;
    const auto statements = read(script.text, problems);
    if (only.one && problems.empty()) problems = not_single(statements);
    report(problems, heard);
    if (!problems.empty()) return {.statements = statements.size(), .problems = problems.size()};
    if (only.compiled != nullptr)
      return compile_one(statements[0], script.text, heard, *only.compiled);
    auto summary = options.dry_run ? check_all(statements, heard)
                                   : run_all(statements, script.text, heard, options.keep_going);
    const bool told = options.dry_run || heard.commands_until(script.text.size());
    if (!told) ++summary.failed;
    if (summary.ok() || options.keep_going) heard.echo_until(script.text.size());
    return summary;
  }

  RunSummary compile_one(const ast::Statement& statement, std::string_view script,
                         ScriptObserver& observer, Compiled& out) {
    observer.on_statement({1, statement.span});
    DryRun dry_run(state_, [&](SourceSpan span) { return observer.place_of(span); });
    auto found = dry_run.check(statement);
    StatementRunner runner(state_, script, cancel_, observer);
    auto plan = found ? runner.plan_json(statement) : Result<std::string>(std::string());
    if (!found || !plan) {
      report(found ? plan.errors() : found.errors(), observer);
      return {.statements = 1, .failed = 1};
    }
    out = {found->message, found->returns_rows, std::move(found->schema), *std::move(plan)};
    return {.statements = 1};
  }

  static Diagnostics not_single(const std::vector<ast::Statement>& statements) {
    if (statements.size() == 1) return {};
    if (statements.empty()) return {{Code::syntax_error, "there is no statement"}};
    return {{Code::syntax_error, "several statements where one is expected", statements[1].span}};
  }

  /// Reads and checks the whole script; at most ten problems.
  std::vector<ast::Statement> read(std::string_view script, Diagnostics& problems) const {
    std::vector<ast::Statement> statements;
    StatementReader reader(script);
    while (problems.size() < 10) {
      auto next = reader.next(state_.connection().dialect());
      if (!next) {
        problems.insert(problems.end(), next.errors().begin(), next.errors().end());
        continue;
      }
      if (!*next) break;
      const auto found = check_text(**next);
      problems.insert(problems.end(), found.begin(), found.end());
      statements.push_back(**std::move(next));
    }
    if (problems.size() > 10) problems.resize(10);
    return statements;
  }

  static RunSummary failed_before(RunSummary summary) {
    ++summary.failed;
    return summary;
  }

  /// Whether tables, columns or models may be others behind a statement.
  static bool changes_names(const ast::Statement& statement, std::string_view script) {
    static constexpr std::array<std::string_view, 9> kReads{"select", "values",   "explain",
                                                            "show",   "describe", "insert",
                                                            "update", "delete",   "summarize"};
    if (!std::holds_alternative<ast::PlainSql>(statement.node)) return true;
    auto text = script.substr(statement.span.begin, 10);
    text = text.substr(
        0, text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    return std::find(kReads.begin(), kReads.end(), lower_ascii(text)) == kReads.end();
  }

  RunSummary run_all(const std::vector<ast::Statement>& statements, std::string_view script,
                     ScriptObserver& observer, bool keep_going) {
    RunSummary summary{.statements = statements.size()};
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (!observer.commands_until(statements[i].span.begin)) return failed_before(summary);
      observer.on_statement({i + 1, statements[i].span});
      const auto begin = now();
      if (changes_names(statements[i], script)) names_.forget();
      StatementRunner runner(state_, script, cancel_, observer);
      const auto done = runner.run(statements[i]);
      if (done) continue;
      ++summary.failed;
      report(done.errors(), observer);
      observer.on_failed(now() - begin);
      if (!keep_going || ends_run(done.errors())) break;
    }
    return summary;
  }

  RunSummary check_all(const std::vector<ast::Statement>& statements, ScriptObserver& observer) {
    RunSummary summary{.statements = statements.size()};
    const auto place = [&](SourceSpan span) { return observer.place_of(span); };
    DryRun dry_run(state_, place);
    for (std::size_t i = 0; i < statements.size() && !cancel_.requested(); ++i) {
      observer.on_statement({i + 1, statements[i].span});
      const auto found = dry_run.check(statements[i]);
      if (!found) {
        ++summary.failed;
        report(found.errors(), observer);
        observer.on_failed(0);
        if (ends_run(found.errors())) break;
        continue;
      }
      summary.not_checked += found->checked ? 0 : 1;
      observer.on_done({.message = place(statements[i].span) + ": " + found->message});
    }
    return summary;
  }

  /// A request can come while run() begins: then the connection has seen it, the token not.
  bool ends_run(const Diagnostics& errors) const {
    return cancel_.requested() || errors.front().code == Code::cancelled;
  }

  static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  /// A file beside the one that includes it; what is no file ("<stdin>") is in the current folder.
  static Result<Source> read_included(const std::string& name, const std::string& from) {
    const auto folder =
        from.starts_with('<') ? std::filesystem::path() : std::filesystem::path(from).parent_path();
    const auto path = folder / name;
    std::error_code none;
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path, none)) {
      return Diagnostic{Code::cannot_read_file, "cannot read file: " + path.string()};
    }
    return Source{path.string(), {std::istreambuf_iterator<char>(in), {}}};
  }

  static void report(const Diagnostics& problems, Observer& observer) {
    for (const auto& problem : problems) observer.on_diagnostic(problem);
  }

  SessionState state_;
  KnownNames names_{state_};
  Variables variables_;
  CancelToken cancel_;
  Log log_;
  std::weak_ptr<Rows::Impl> rows_;  ///< of the last query()
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const SessionOptions& options) {
  try {
    auto connection = open_connection({.uri = options.uri, .threads = options.threads});
    if (connection) return Session(std::make_unique<Impl>(*std::move(connection), options));
    auto errors = std::move(connection).errors();
    for (auto& error : errors) error = mask_passwords(std::move(error), options.uri);
    return errors;
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while opening a session"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

bool Session::run(std::string_view script, Observer& observer) {
  return run(script, observer, {}).ok();
}

RunSummary Session::run(std::string_view script, Observer& observer, const RunOptions& options) {
  return Impl::caught(observer, [&] { return impl_->run(script, observer, options); });
}

namespace {

/// Calls what may throw, and says so as a diagnostic.
template <typename F>
auto guarded(const char* doing, F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, std::string("out of memory while ") + doing};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

}  // namespace

Result<Rows> Session::query(std::string_view statement, const Parameters& parameters,
                            const NamedParameters& named) {
  return guarded("beginning a statement",
                 [&] { return impl_->query(statement, parameters, named); });
}

Result<Compiled> Session::compile(std::string_view statement, const Parameters& parameters,
                                  const NamedParameters& named) {
  return guarded("compiling a statement",
                 [&] { return impl_->compile(statement, parameters, named); });
}

void Session::set_log(Log log) { impl_->set_log(std::move(log)); }

Result<void> Session::set(const std::string& name, const std::string& value) {
  return guarded("setting an option", [&] { return impl_->set(name, value); });
}

Result<std::string> Session::setting(const std::string& name) {
  return guarded("reading a setting", [&] { return impl_->setting(name); });
}

Result<void> Session::set_variable(const std::string& name, const std::string& value) {
  return impl_->set_variable(name, value);
}

Result<Model> Session::model(const std::string& name) {
  return guarded("reading a model", [&] { return impl_->model(name); });
}

void Session::cancel() noexcept { impl_->cancel(); }

bool Session::needs_more_input(std::string_view text) const {
  return quern::needs_more_input(text, impl_->connection().dialect());
}

Completion Session::complete(std::string_view text, std::size_t cursor) {
  try {
    return impl_->complete(text, cursor);
  } catch (const std::exception&) {
    return {};  // a key that completes nothing is no reason to end a session
  }
}

Inspection Session::inspect(std::string_view text, std::size_t cursor) {
  try {
    return impl_->inspect(text, cursor);
  } catch (const std::exception&) {
    return {};
  }
}

void Session::prepare_completion() noexcept {
  try {
    impl_->prepare_completion();
  } catch (const std::exception&) {
    return;  // it is read when a key asks
  }
}

std::vector<TextPart> Session::parts(std::string_view text) const {
  return text_parts(text, impl_->connection().dialect());
}

std::optional<std::string> Session::variable(const std::string& name) const {
  return impl_->variable(name);
}

std::string Session::engine() const { return impl_->connection().engine(); }

}  // namespace quern
