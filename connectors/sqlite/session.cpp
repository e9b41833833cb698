// Statements on an sqlite3*.

#include "connectors/sqlite/session.h"

#include <array>
#include <utility>

#include "base/similar.h"
#include "connectors/sql_text.h"

namespace quern::sqlite {
namespace {

/// Steps of SQLite's machine between two looks at the request to stop.
constexpr int kStepsBetweenLooks = 4000;
/// How long a statement waits for the lock of another session, in milliseconds.
constexpr int kLongestWait = 5000;
constexpr int kPause = 5;

Diagnostic rejected(std::string message, std::string hint = {}) {
  return {Code::database_rejected_query, std::move(message), SourceSpan::none(), std::move(hint)};
}

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

/// A PRAGMA that takes a name to tell something of it, and sets nothing.
bool only_tells(const char* pragma) {
  static const std::array<std::string_view, 9> kThese{
      "table_info",  "table_xinfo",      "table_list",        "index_list", "index_info",
      "index_xinfo", "foreign_key_list", "foreign_key_check", "quick_check"};
  for (const auto name : kThese) {
    if (equal_ignoring_case(pragma, name)) return true;
  }
  return false;
}

std::vector<std::string> row_of(sqlite3_stmt* statement) {
  std::vector<std::string> out;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
    out.emplace_back(text == nullptr ? std::string() : std::string(text, size));
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<Session>> Session::open(const std::string& path) {
  std::shared_ptr<Session> session(new Session(path));
  QUERN_CHECK(session->open_handle());
  return session;
}

Result<void> Session::open_handle() {
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path_.c_str(), &raw, kFlags, nullptr);
  handle_.reset(raw);
  if (opened != SQLITE_OK)
    return diagnose_open({opened, raw == nullptr ? sqlite3_errstr(opened) : sqlite3_errmsg(raw)},
                         path_);
  sqlite3_extended_result_codes(raw, 1);
  // A quoted name that is no column is a mistake, and not a string.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_busy_handler(raw, wait_for_lock, this);
  sqlite3_progress_handler(raw, kStepsBetweenLooks, stop_if_cancelled, this);
  sqlite3_set_authorizer(raw, authorize, this);
  // Opening reads nothing yet: look whether this is a database.
  const int read = sqlite3_exec(raw, "PRAGMA schema_version", nullptr, nullptr, nullptr);
  if (read != SQLITE_OK) return diagnose_open({read, sqlite3_errmsg(raw)}, path_);
  return {};
}

int Session::authorize(void* session, int action, const char* a, const char* b, const char* schema,
                       const char* within) {
  auto* watching = static_cast<Session*>(session)->watching_;
  if (watching == nullptr) return SQLITE_OK;
  if (action == SQLITE_PRAGMA && b != nullptr && !only_tells(a)) return SQLITE_IGNORE;
  if (action == SQLITE_READ)
    watching->push_back({text_or_empty(schema), text_or_empty(a), text_or_empty(within)});
  return SQLITE_OK;
}

int Session::stop_if_cancelled(void* session) {
  const auto& self = *static_cast<Session*>(session);
  return self.cancelled() && !self.inserting_.load() ? 1 : 0;
}

int Session::wait_for_lock(void* session, int times) {
  if (static_cast<Session*>(session)->cancelled() || times * kPause >= kLongestWait) return 0;
  sqlite3_sleep(kPause);
  return 1;
}

Result<void> Session::begin_call() {
  if (!inner_) {
    ++call_;
    if (const auto open = open_.lock()) sqlite3_reset(open->get());
    open_.reset();
  }
  // A request that came between two calls of a statement is for the later one.
  if (cancelled()) return cancelled_diagnostic();
  return {};
}

void Session::cancel() noexcept {
  cancelled_.store(true);
  if (!inserting_.load()) sqlite3_interrupt(handle());
}

Diagnostic Session::failure(Stage stage, const std::string& sql) const {
  if (cancelled()) return cancelled_diagnostic();
  return diagnose({sqlite3_extended_errcode(handle()), sqlite3_errmsg(handle()),
                   sqlite3_error_offset(handle())},
                  stage, sql);
}

Result<Statement> Session::prepare(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int prepared =
      sqlite3_prepare_v2(handle(), sql.c_str(), static_cast<int>(sql.size()) + 1, &raw, &rest);
  Statement statement(raw, sqlite3_finalize);
  if (prepared != SQLITE_OK) return failure(Stage::before_running, sql);
  if (raw == nullptr) return rejected("sqlite: there is no statement");
  if (sql::has_several_statements(sql, Dialect::sqlite) && rest != nullptr &&
      sql::next_token(sql, static_cast<std::size_t>(rest - sql.c_str()), Dialect::sqlite).size() >
          0)
    return rejected("sqlite: several statements where one is expected");
  if (sqlite3_bind_parameter_count(raw) > 0) {
    return rejected("sqlite: the statement has parameters, which have no values here",
                    "write the values in their place");
  }
  return statement;
}

Result<Statement> Session::look_at(const std::string& sql, std::vector<Access>& reads) {
  watching_ = &reads;
  auto statement = prepare(sql);
  watching_ = nullptr;
  return statement;
}

Result<bool> Session::step(sqlite3_stmt* statement, const std::string& sql) {
  const int stepped = sqlite3_step(statement);
  if (stepped == SQLITE_ROW) return true;
  if (stepped == SQLITE_DONE) return false;
  return failure(Stage::running, sql);
}

Result<void> Session::command(const std::string& sql) {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure(Stage::running, "");
  return {};
}

Result<std::vector<std::vector<std::string>>> Session::ask(const std::string& sql,
                                                           const std::vector<std::string>& values) {
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v2(handle(), sql.c_str(), -1, &raw, nullptr);
  const Statement statement(raw, sqlite3_finalize);
  if (prepared != SQLITE_OK) return failure(Stage::running, "");
  for (std::size_t i = 0; i < values.size(); ++i)
    sqlite3_bind_text(raw, static_cast<int>(i) + 1, values[i].data(),
                      static_cast<int>(values[i].size()), SQLITE_STATIC);
  std::vector<std::vector<std::string>> rows;
  while (true) {
    QUERN_TRY(const bool more, step(raw, ""));
    if (!more) return rows;
    rows.push_back(row_of(raw));
  }
}

Result<void> Session::begin() {
  QUERN_CHECK(command("BEGIN IMMEDIATE"));
  own_ = true;
  return {};
}

Result<void> Session::commit() {
  // SQLite ends a transaction itself where a statement in it fails badly: a full disk, for one.
  if (!in_transaction())
    return Diagnostic{Code::database_error, "sqlite: the transaction was rolled back meanwhile"};
  QUERN_CHECK(command("COMMIT"));
  own_ = false;
  return {};
}

void Session::rollback() {
  if (const auto open = open_.lock()) sqlite3_reset(open->get());
  if (in_transaction()) sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  own_ = false;
}

}  // namespace quern::sqlite
