// A session: script -> statements -> IR -> plan -> pipeline, and what the observer hears of it.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <optional>
#include <vector>

#include "api/dry_run.h"
#include "api/model_impl.h"
#include "api/quern.hpp"
#include "api/script_observer.h"
#include "api/session_catalog.h"
#include "api/session_state.h"
#include "api/statement_runner.h"
#include "base/cancel.h"
#include "base/secrets.h"
#include "base/version.h"
#include "compiler/bind/bind.h"
#include "connectors/connector.h"
#include "parser/parser.h"
#include "parser/script.h"

namespace quern {

Observer::~Observer() = default;
void Observer::on_source(std::string_view /*name*/, std::string_view /*text*/) {}
void Observer::on_echo(std::string_view /*words*/) {}
void Observer::on_statement(const StatementStart& /*start*/) {}
void Observer::on_schema(const Schema& /*schema*/) {}
void Observer::on_batch(const ColumnBatch& /*batch*/) {}
void Observer::on_done(const Done& /*done*/) {}
void Observer::on_failed(double /*seconds*/) {}
void Observer::on_diagnostic(const Diagnostic& /*problem*/) {}
void Observer::on_progress(const Progress& /*progress*/) {}

const char* library_version() { return version(); }

Result<std::optional<TableInfo>> SessionCatalog::find_table(const TableName& name) {
  QUERN_TRY(const auto placed, places_.place(name));
  return placed.connection.find_table(placed.name);
}

Result<bool> SessionCatalog::schema_exists(const std::string& name) {
  QUERN_TRY(const auto placed, places_.place({.schema = name, .table = {}}));
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

}  // namespace

Result<TargetPlace> SessionCatalog::place_target(const TableName& table, const Schema& columns) {
  QUERN_TRY(const auto placed, places_.place(table));
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

class Session::Impl {
 public:
  Impl(std::unique_ptr<Connection> connection, const SessionOptions& options)
      : state_(std::move(connection), options.threads, options.code_cache) {}

  Connection& connection() { return state_.connection(); }

  RunSummary run(std::string_view text, Observer& observer, const RunOptions& options) {
    cancel_.reset();
    state_.resume();
    const auto script = expand({options.name, std::string(text)}, variables_,
                               state_.connection().dialect(), read_included);
    ScriptObserver heard(script, observer);
    if (!script.problems.empty()) {
      heard.report_problems();
      return {.problems = script.problems.size()};
    }
    Diagnostics problems;
    const auto statements = read(script.text, problems);
    report(problems, heard);
    if (!problems.empty()) return {.statements = statements.size(), .problems = problems.size()};
    auto summary = options.dry_run ? check_all(statements, heard)
                                   : run_all(statements, script.text, heard, options.keep_going);
    if (summary.ok() || options.keep_going) heard.echo_until(script.text.size());
    return summary;
  }

  Result<void> set_variable(const std::string& name, const std::string& value) {
    if (!is_variable_name(name)) {
      return Diagnostic{Code::bad_command, "not a name for a variable: " + name, SourceSpan::none(),
                        "letters, digits and _"};
    }
    variables_[name] = value;
    return {};
  }

  Result<Model> model(const std::string& name) {
    state_.resume();
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

  RunSummary run_all(const std::vector<ast::Statement>& statements, std::string_view script,
                     Observer& observer, bool keep_going) {
    RunSummary summary{.statements = statements.size()};
    for (std::size_t i = 0; i < statements.size(); ++i) {
      observer.on_statement({i + 1, statements[i].span});
      const auto begin = now();
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
  Variables variables_;
  CancelToken cancel_;
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
  try {
    return impl_->run(script, observer, options);
  } catch (const std::bad_alloc&) {
    observer.on_diagnostic({Code::out_of_memory, "out of memory"});
  } catch (const std::exception& e) {
    observer.on_diagnostic({Code::internal, std::string("internal error: ") + e.what()});
  }
  return {.failed = 1};
}

Result<void> Session::set_variable(const std::string& name, const std::string& value) {
  return impl_->set_variable(name, value);
}

Result<Model> Session::model(const std::string& name) {
  try {
    return impl_->model(name);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while reading a model"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

void Session::cancel() noexcept { impl_->cancel(); }

bool Session::needs_more_input(std::string_view text) const {
  return quern::needs_more_input(text, impl_->connection().dialect());
}

std::string Session::engine() const { return impl_->connection().engine(); }

}  // namespace quern
