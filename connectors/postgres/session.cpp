// Commands on a PGconn.

#include "connectors/postgres/session.h"

#include <array>
#include <tuple>

#include "base/format.h"

namespace quern::postgres {
namespace {

constexpr int kBytesOfError = 256;
constexpr std::size_t kMostNotices = 20;

/// Nothing may be thrown out of a callback of C: better a notice is lost.
void receive_notice(void* session, const PGresult* result) {
  std::ignore = guarded([&]() -> Result<void> {
    static_cast<Session*>(session)->add_notice(notice(result));
    return {};
  });
}

bool succeeded(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_SINGLE_TUPLE:
    case PGRES_EMPTY_QUERY: return true;
    default: return false;
  }
}

/// What libpq says of a connection that does not open.
Diagnostic cannot_open(const PGconn* connection) {
  auto d = diagnose_connection(connection);
  d.code = Code::cannot_open;
  d.message = "cannot open the database: " + d.message;
  return d;
}

}  // namespace

Session::~Session() {
  if (handle_) PQsetNoticeReceiver(handle_.get(), nullptr, nullptr);
}

Result<std::shared_ptr<Session>> Session::open(const std::string& conninfo) {
  std::shared_ptr<Session> session(new Session(conninfo));
  QUERN_CHECK(session->connect());
  return session;
}

Result<void> Session::connect() {
  // Later parameters win, so that no URI changes what the connector counts on.
  const std::array<const char*, 4> keys{"dbname", "client_encoding", "fallback_application_name",
                                        nullptr};
  const std::array<const char*, 4> values{conninfo_.c_str(), "UTF8", "quern", nullptr};
  ConnectionHandle handle(PQconnectdbParams(keys.data(), values.data(), 1));
  if (PQstatus(handle.get()) != CONNECTION_OK) return cannot_open(handle.get());
  {
    const std::scoped_lock held(cancel_lock_);
    handle_ = std::move(handle);
    cancel_ = CancelHandle(PQgetCancel(handle_.get()));
  }
  PQsetNoticeReceiver(handle_.get(), receive_notice, this);
  return settle();
}

/// Values of floats come back as they went in; dates as we read them.
Result<void> Session::settle() {
  QUERN_CHECK(
      command("SET extra_float_digits = 3; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'"));
  QUERN_TRY(const auto rows, ask("SELECT version()"));
  const auto& words = rows.at(0).at(0);
  copies_queries_ = words.find("CockroachDB") == std::string::npos;
  const char* number = PQparameterStatus(handle(), "server_version");
  const std::string full = number == nullptr ? "" : number;
  engine_ = copies_queries_ ? "PostgreSQL " + full.substr(0, full.find(' '))
                            : words.substr(0, words.find(' ', words.find(' ') + 1));
  in_transaction_ = false;
  snapshot_ = false;
  streaming_ = false;
  return {};
}

Result<void> Session::reconnect() {
  const bool lost_work = in_transaction();
  auto connected = connect();
  if (!connected) return connected;
  types_.clear();
  if (lost_work) {
    return Diagnostic{
        Code::database_error,
        "postgres: the connection was lost, and the transaction that was open with it",
        SourceSpan::none(), "the session has a new connection: begin again"};
  }
  Diagnostic d;
  d.severity = Severity::warning;
  d.message =
      "postgres: the connection was lost and opened anew: temporary tables and settings of the "
      "session are gone";
  news_.push_back(std::move(d));
  return {};
}

Result<void> Session::begin_call() {
  ++call_;
  // A request that came between two calls of a statement is for the later one.
  if (cancelled()) return cancelled_diagnostic();
  if (streaming_) end_stream();
  if (PQstatus(handle()) == CONNECTION_BAD) return reconnect();
  return {};
}

void Session::end_stream() {
  if (!in_transaction()) {
    const std::scoped_lock held(cancel_lock_);
    std::array<char, kBytesOfError> words{};
    PQcancel(cancel_.get(), words.data(), static_cast<int>(words.size()));
  }
  while (const auto result = next_result()) {
    if (PQresultStatus(result.get()) == PGRES_COPY_OUT) {
      char* row = nullptr;
      while (PQgetCopyData(handle(), &row, 0) > 0) PQfreemem(row);
    }
    if (PQresultStatus(result.get()) == PGRES_COPY_IN)
      PQputCopyEnd(handle(), "the rows are not complete");
    if (PQstatus(handle()) == CONNECTION_BAD) break;
  }
  streaming_ = false;
  follow_transaction();
}

void Session::cancel() noexcept {
  cancelled_.store(true);
  interrupt();
}

void Session::interrupt() noexcept {
  std::ignore = guarded([&]() -> Result<void> {
    const std::scoped_lock held(cancel_lock_);
    std::array<char, kBytesOfError> words{};
    if (cancel_) PQcancel(cancel_.get(), words.data(), static_cast<int>(words.size()));
    return {};
  });
}

void Session::follow_transaction() {
  const auto status = PQtransactionStatus(handle());
  if (status != PQTRANS_ACTIVE && status != PQTRANS_UNKNOWN)
    in_transaction_ = status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

Diagnostic Session::failure(const PGresult* result, Stage stage, const Source& source) const {
  if (result == nullptr) return diagnose_connection(handle());
  auto d = diagnose(result, stage, source);
  if (d.code != Code::cancelled) return d;
  if (cancelled()) return cancelled_diagnostic();
  d.code = Code::database_error;  // the server's own time limit, or its administrator
  return d;
}

Result<ResultHandle> Session::command(const std::string& sql, const Source& source, Stage stage) {
  ResultHandle result(PQexec(handle(), sql.c_str()));
  if (result == nullptr || !succeeded(result.get())) return failure(result.get(), stage, source);
  return result;
}

Result<TextRows> Session::ask(const std::string& sql, const std::vector<std::string>& values) {
  std::vector<const char*> raw;
  for (const auto& value : values) raw.push_back(value.c_str());
  const ResultHandle result(PQexecParams(handle(), sql.c_str(), static_cast<int>(raw.size()),
                                         nullptr, raw.data(), nullptr, nullptr, 0));
  if (result == nullptr || !succeeded(result.get()))
    return failure(result.get(), Stage::running, {});
  TextRows rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      rows[static_cast<std::size_t>(row)].emplace_back(
          PQgetvalue(result.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
    }
  }
  return rows;
}

void Session::add_notice(Diagnostic notice) {
  if (notices_.size() < kMostNotices) {
    notices_.push_back(std::move(notice));
  } else {
    ++more_notices_;
  }
}

Diagnostics Session::take_notices() {
  if (const auto more = std::exchange(more_notices_, 0); more > 0) {
    Diagnostic d;
    d.severity = Severity::note;
    d.message = "postgres: " + counted(more, "more notice");
    notices_.push_back(std::move(d));
  }
  return std::exchange(notices_, {});
}

Result<TextRows> Session::identity() {
  return ask(
      "SELECT n, current_setting(n) FROM (VALUES (1, 'session_authorization'), (2, 'role'), "
      "(3, 'search_path')) AS s(i, n) ORDER BY i");
}

Result<TextRows> Session::settings() {
  return ask(
      "SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session' AND context IN "
      "('user', 'superuser') AND name !~ '^transaction_'");
}

Result<void> Session::set(const TextRows& settings) {
  if (settings.empty()) return {};
  std::string sql;
  std::vector<std::string> values;
  for (const auto& setting : settings) {
    const auto number = values.size();
    sql += (number == 0 ? "SELECT set_config($" : ", set_config($") + std::to_string(number + 1) +
           ", $" + std::to_string(number + 2) + ", false)";
    values.insert(values.end(), setting.begin(), setting.end());
  }
  QUERN_TRY([[maybe_unused]] const auto rows, ask(sql, values));
  return {};
}

Result<std::vector<ServerType>> Session::types(const std::vector<std::pair<Oid, int>>& wanted) {
  std::string oids = "{";
  std::string modifiers = "{";
  for (const auto& type : wanted) {
    if (types_.contains(type)) continue;
    oids += (oids.size() > 1 ? "," : "") + std::to_string(type.first);
    modifiers += (modifiers.size() > 1 ? "," : "") + std::to_string(type.second);
  }
  if (oids.size() > 1) {
    QUERN_TRY(const auto rows,
              ask("SELECT w.o, w.m, format_type(w.o, w.m), t.typtype, t.typcategory, t.typname "
                  "FROM unnest($1::oid[], $2::int4[]) AS w(o, m) LEFT JOIN pg_catalog.pg_type AS t "
                  "ON t.oid = w.o",
                  {oids + "}", modifiers + "}"}));
    for (const auto& row : rows) {
      types_[{static_cast<Oid>(std::stoul(row[0])), std::stoi(row[1])}] = {
          row[2], row[3].empty() ? 'b' : row[3][0], row[4].empty() ? 'U' : row[4][0], row[5]};
    }
  }
  std::vector<ServerType> out;
  for (const auto& type : wanted) out.push_back(types_[type]);
  return out;
}

}  // namespace quern::postgres
