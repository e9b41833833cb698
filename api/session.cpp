// A session: script -> statements -> IR -> plan -> pipeline, and what the observer hears of it.

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "api/dry_run.h"
#include "api/quern.hpp"
#include "api/session_catalog.h"
#include "api/statement_runner.h"
#include "base/cancel.h"
#include "base/version.h"
#include "compiler/bind/bind.h"
#include "connectors/connector.h"
#include "parser/parser.h"

namespace quern {

Observer::~Observer() = default;
void Observer::on_statement(const StatementStart& /*start*/) {}
void Observer::on_schema(const Schema& /*schema*/) {}
void Observer::on_batch(const ColumnBatch& /*batch*/) {}
void Observer::on_done(const Done& /*done*/) {}
void Observer::on_failed(double /*seconds*/) {}
void Observer::on_diagnostic(const Diagnostic& /*problem*/) {}
void Observer::on_progress(const Progress& /*progress*/) {}

const char* library_version() { return version(); }

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
  explicit Impl(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Connection& connection() { return *connection_; }

  RunSummary run(std::string_view script, Observer& observer, const RunOptions& options) {
    cancel_.reset();
    Diagnostics problems;
    const auto statements = read(script, problems);
    report(problems, observer);
    if (!problems.empty()) return {.statements = statements.size(), .problems = problems.size()};
    return options.dry_run ? check_all(statements, script, observer)
                           : run_all(statements, script, observer, options.keep_going);
  }

  void cancel() noexcept {
    cancel_.request();
    connection_->cancel();
  }

 private:
  /// Reads and checks the whole script; at most ten problems.
  std::vector<ast::Statement> read(std::string_view script, Diagnostics& problems) const {
    std::vector<ast::Statement> statements;
    StatementReader reader(script);
    while (problems.size() < 10) {
      auto next = reader.next(connection_->dialect());
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
      StatementRunner runner(*connection_, script, cancel_, observer);
      const auto done = runner.run(statements[i]);
      if (done) continue;
      ++summary.failed;
      report(done.errors(), observer);
      observer.on_failed(now() - begin);
      if (!keep_going || cancel_.requested()) break;
    }
    return summary;
  }

  RunSummary check_all(const std::vector<ast::Statement>& statements, std::string_view script,
                       Observer& observer) {
    RunSummary summary{.statements = statements.size()};
    DryRun dry_run(*connection_, [&](SourceSpan span) { return line_of(script, span); });
    for (std::size_t i = 0; i < statements.size() && !cancel_.requested(); ++i) {
      observer.on_statement({i + 1, statements[i].span});
      const auto found = dry_run.check(statements[i]);
      if (!found) {
        ++summary.failed;
        report(found.errors(), observer);
        observer.on_failed(0);
        continue;
      }
      summary.not_checked += found->checked ? 0 : 1;
      observer.on_done({.message = line_of(script, statements[i].span) + ": " + found->message});
    }
    return summary;
  }

  static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  /// "line 3"
  static std::string line_of(std::string_view script, SourceSpan span) {
    const auto before = script.substr(0, span.begin);
    return "line " + std::to_string(1 + std::count(before.begin(), before.end(), '\n'));
  }

  static void report(const Diagnostics& problems, Observer& observer) {
    for (const auto& problem : problems) observer.on_diagnostic(problem);
  }

  std::unique_ptr<Connection> connection_;
  CancelToken cancel_;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const SessionOptions& options) {
  try {
    QUERN_TRY(auto connection, open_connection({.uri = options.uri, .threads = options.threads}));
    return Session(std::make_unique<Impl>(std::move(connection)));
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

void Session::cancel() noexcept { impl_->cancel(); }

bool Session::needs_more_input(std::string_view text) const {
  return quern::needs_more_input(text, impl_->connection().dialect());
}

std::string Session::engine() const { return impl_->connection().engine(); }

}  // namespace quern
