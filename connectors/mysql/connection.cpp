// The user's session: statements, transactions, and sessions beside it.

#include "connectors/mysql/connection.h"

#include <algorithm>
#include <array>
#include <optional>

#include "connectors/mysql/appender.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/fewer_columns.h"
#include "connectors/mysql/session.h"
#include "connectors/mysql/stream.h"
#include "connectors/mysql/table_load.h"
#include "connectors/mysql/types.h"
#include "connectors/sql_text.h"

namespace quern::mysql {
namespace {

/// True where a statement would end the transaction that is open, though it is not about that.
/// Rule: MySQL 8.0, 13.3.3, and MariaDB, "SQL statements that cause an implicit commit".
bool commits_by_itself(const std::string& sql) {
  static constexpr std::array<std::string_view, 16> kOwn{
      "CREATE",  "ALTER",         "DROP",        "TRUNCATE",    "RENAME",      "GRANT",
      "REVOKE",  "ANALYZE TABLE", "OPTIMIZE",    "REPAIR",      "CHECK TABLE", "CACHE INDEX",
      "INSTALL", "UNINSTALL",     "LOCK TABLES", "SET PASSWORD"};
  const auto words = sql::leading_words(sql, 4, Dialect::mysql) + " ";
  const auto begins = [&](std::string_view with) {
    return words.starts_with(std::string(with) + " ");
  };
  if (begins("CREATE TEMPORARY") || begins("DROP TEMPORARY") ||
      begins("CREATE OR REPLACE TEMPORARY"))
    return false;
  return std::any_of(kOwn.begin(), kOwn.end(), begins);
}

/// How a session resolves names and reads times, which a sibling takes over.
struct Settings {
  std::string database;
  std::string sql_mode;
  std::string time_zone;
  std::string role;
};

class MysqlConnection final : public Connection {
 public:
  explicit MysqlConnection(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  Dialect dialect() const override { return Dialect::mysql; }
  std::string engine() const override { return session_->engine(); }
  bool in_transaction() const override { return session_->in_transaction(); }
  void cancel() noexcept override { session_->cancel(); }
  void resume() noexcept override { session_->resume(); }
  std::string type_name(const ColumnType& type) const override { return mysql::type_name(type); }
  WriteRules write_rules() const override {
    return {.beside_reading = true, .ddl_in_transaction = false};
  }

  Result<Description> describe(const std::string& sql) override {
    return called([&] { return describe_statement(sql); });
  }
  Result<std::optional<std::int64_t>> estimate_rows(const std::string& sql) override {
    return called([&]() -> Result<std::optional<std::int64_t>> {
      const auto rows = rows_estimated(*session_, sql);
      if (session_->cancelled()) return cancelled_diagnostic();
      return rows;
    });
  }
  Result<Execution> execute(const std::string& sql) override {
    return called([&] { return execute_statement(sql, {}); });
  }
  Result<Execution> fetch(const std::string& sql, const std::vector<std::size_t>& used) override {
    return called([&] { return execute_statement(sql, used); });
  }
  bool fetches_some() const override { return true; }
  std::vector<Diagnostic> take_notes() override { return session_->take_news(); }
  Result<std::optional<TableInfo>> find_table(const TableName& name) override {
    return called([&] { return mysql::find_table(*session_, name); });
  }
  Result<bool> schema_exists(const std::string& name) override {
    return called([&] { return mysql::schema_exists(*session_, name); });
  }
  Result<void> check_writable(const TableName& name) override {
    return called([&] { return mysql::check_writable(*session_, name); });
  }
  Result<std::unique_ptr<Appender>> append_to(const TableName& name) override {
    return called([&]() -> Result<std::unique_ptr<Appender>> {
      QUERN_TRY(const auto table, mysql::find_table(*session_, name));
      if (!table)
        return Diagnostic{Code::database_error, "mysql: there is no table " + quoted(name)};
      return make_appender(session_, *table);
    });
  }
  Result<std::unique_ptr<TableLoad>> load_table(const TableOrder& order) override {
    return guarded([&] { return open_load(order); });
  }
  /// Leaves this session alone: a stream that is open goes on.
  Result<std::unique_ptr<Connection>> sibling() override {
    return guarded([&]() -> Result<std::unique_ptr<Connection>> {
      QUERN_TRY(auto other, open_sibling());
      return std::unique_ptr<Connection>(std::move(other));
    });
  }

 private:
  template <typename F>
  auto called(F f) -> decltype(f()) {
    return guarded([&]() -> decltype(f()) {
      QUERN_CHECK(session_->begin_call());
      return f();
    });
  }

  /// Several statements the server refuses itself; the body of a procedure may have semicolons.
  static Result<void> check_text(const std::string& sql) {
    if (sql::without_end(sql, Dialect::mysql).empty())
      return Diagnostic{Code::database_rejected_query, "mysql: there is no statement"};
    return {};
  }

  /// Null where the server cannot prepare such statements: they are sent as text.
  Result<StatementHandle> prepare(const std::string& sql) {
    StatementHandle statement(mysql_stmt_init(session_->handle()));
    if (statement == nullptr) throw std::bad_alloc();
    const auto text = sql::without_end(sql, Dialect::mysql);
    if (mysql_stmt_prepare(statement.get(), text.data(), text.size()) != 0) {
      const auto problem = problem_of(statement.get());
      if (is_not_preparable(problem)) return StatementHandle();
      return session_->failure(problem, Stage::before_running, text);
    }
    if (mysql_stmt_param_count(statement.get()) > 0) {
      return Diagnostic{Code::database_rejected_query,
                        "mysql: the statement has parameters, which have no values here",
                        SourceSpan::none(), "write the values in their place"};
    }
    return statement;
  }

  Result<Description> describe_statement(const std::string& sql) {
    QUERN_CHECK(check_text(sql));
    QUERN_TRY(const auto statement, prepare(sql));
    Description out;
    if (!statement) return out;
    const ResultHandle columns(mysql_stmt_result_metadata(statement.get()));
    out.returns_rows = columns != nullptr;
    if (!columns) return out;
    for (auto& column : result_columns(columns.get()))
      out.schema.push_back(std::move(column.field));
    out.reads = tables_read(*session_, sql);
    if (session_->cancelled()) return cancelled_diagnostic();
    return out;
  }

  Result<Execution> execute_statement(const std::string& sql,
                                      const std::vector<std::size_t>& used) {
    QUERN_CHECK(check_text(sql));
    QUERN_CHECK(check_transaction(sql));
    QUERN_TRY(auto statement, prepare(sql));
    if (statement && mysql_stmt_field_count(statement.get()) > 0) QUERN_CHECK(remember_settings());
    QUERN_TRY(auto out,
              statement ? run_prepared(std::move(statement), sql, used) : run_text(sql, used));
    if (!out.rows) {
      session_->gather_warnings();
      QUERN_CHECK(session_->keep_escapes());
    }
    out.notes = session_->take_notices();
    return out;
  }

  Result<void> check_transaction(const std::string& sql) {
    if (!session_->in_transaction() || !commits_by_itself(sql)) return {};
    return Diagnostic{Code::database_rejected_query,
                      "mysql: the statement would commit the transaction that is open",
                      sql::next_token(sql, 0, Dialect::mysql),
                      "COMMIT or ROLLBACK first, then run it"};
  }

  static std::vector<ResultColumn> columns_of(MYSQL_STMT* statement) {
    const ResultHandle columns(mysql_stmt_result_metadata(statement));
    return columns ? result_columns(columns.get()) : std::vector<ResultColumn>();
  }

  /// Replaces the statement by one that sends what is used and leaves the rest out, where the
  /// server takes that and sends what is left as it would have.
  /// \return  the columns of the query then; else nullopt
  std::optional<Schema> leave_out(const std::string& sql, const std::vector<std::size_t>& used,
                                  StatementHandle& statement) {
    auto whole = all_sent(columns_of(statement.get()), {}).schema;
    const auto fewer = with_fewer_columns(sql, used, whole.size());
    if (!fewer) return std::nullopt;
    auto narrow = prepare(*fewer);
    if (!narrow || !*narrow) return std::nullopt;
    const auto sent = columns_of(narrow->get());
    const auto same = [&](std::size_t column, const ResultColumn& now) {
      return whole[column].type == now.field.type;
    };
    if (!std::equal(used.begin(), used.end(), sent.begin(), sent.end(), same)) return std::nullopt;
    statement = *std::move(narrow);
    return whole;
  }

  Result<Execution> run_prepared(StatementHandle statement, const std::string& sql,
                                 const std::vector<std::size_t>& used) {
    auto whole = leave_out(sql, used, statement);
    if (session_->cancelled()) return cancelled_diagnostic();
    const auto text = sql::without_end(sql, Dialect::mysql);
    if (mysql_stmt_execute(statement.get()) != 0)
      return session_->failure(problem_of(statement.get()), Stage::running, text);
    if (mysql_stmt_field_count(statement.get()) == 0)
      return Execution{nullptr, changed_by(mysql_stmt_affected_rows(statement.get()))};
    auto sent = columns_of(statement.get());
    auto selection = whole ? Selection{*std::move(whole), used, used, std::move(sent)}
                           : all_sent(std::move(sent), used);
    session_->stream_begins({std::move(statement), nullptr});
    return Execution{make_stream(session_, std::move(selection), sql)};
  }

  Result<Execution> run_text(const std::string& sql, const std::vector<std::size_t>& used) {
    const auto text = sql::without_end(sql, Dialect::mysql);
    if (mysql_real_query(session_->handle(), text.data(), text.size()) != 0)
      return session_->failure(problem_of(session_->handle()), Stage::before_running, text);
    ResultHandle rows(mysql_use_result(session_->handle()));
    if (!rows) return Execution{nullptr, changed_by(mysql_affected_rows(session_->handle()))};
    auto columns = result_columns(rows.get());
    session_->stream_begins({nullptr, std::move(rows)});
    return Execution{make_stream(session_, all_sent(std::move(columns), used), sql)};
  }

  static std::int64_t changed_by(my_ulonglong rows) {
    return rows == static_cast<my_ulonglong>(-1) ? 0 : static_cast<std::int64_t>(rows);
  }

  Result<void> remember_settings() {
    QUERN_TRY(const auto rows,
              session_->ask(
                  "SELECT IFNULL(DATABASE(), ''), @@sql_mode, @@time_zone" +
                  std::string(session_->is_mariadb() ? ", IFNULL(CURRENT_ROLE(), '')" : ", ''")));
    const auto& row = rows.at(0);
    settings_ = {row[0], row[1], row[2], row[3]};
    return {};
  }

  bool is_streaming() const {
    return session_->running().statement != nullptr || session_->running().rows != nullptr;
  }

  Result<std::unique_ptr<MysqlConnection>> open_sibling() {
    if (session_->cancelled()) return cancelled_diagnostic();
    if (!is_streaming()) QUERN_CHECK(remember_settings());
    auto target = session_->target();
    if (!settings_.database.empty()) target.database = settings_.database;
    QUERN_TRY(auto session, Session::open(target));
    QUERN_CHECK(session->command("SET SESSION sql_mode = " + session->quoted(settings_.sql_mode) +
                                 ", time_zone = " + session->quoted(settings_.time_zone)));
    if (!settings_.role.empty())
      QUERN_CHECK(session->command("SET ROLE " + quote_identifier(settings_.role, Dialect::mysql)));
    auto other = std::make_unique<MysqlConnection>(std::move(session));
    other->settings_ = settings_;
    return other;
  }

  Result<std::unique_ptr<TableLoad>> open_load(const TableOrder& order) {
    if (order.mode == LoadMode::append) {
      QUERN_TRY(auto scope, WriteScope::begin(*this));
      auto& session = static_cast<MysqlConnection&>(scope.connection()).session_;
      return begin_append(std::move(scope), session, order);
    }
    if (in_transaction()) {
      return Diagnostic{Code::database_rejected_query,
                        "mysql: a table cannot be made inside a transaction, which it would commit",
                        SourceSpan::none(),
                        "COMMIT or ROLLBACK first, or append to a table that is there"};
    }
    QUERN_TRY(auto own, open_sibling());
    auto session = own->session_;
    return begin_staged(std::move(own), std::move(session), session_, order);
  }

  std::shared_ptr<Session> session_;
  Settings settings_;
};

}  // namespace

Result<std::unique_ptr<Connection>> open(const OpenOptions& options) {
  return guarded([&]() -> Result<std::unique_ptr<Connection>> {
    QUERN_TRY(const auto target, read_target(options.uri));
    QUERN_TRY(auto session, Session::open(target));
    return std::unique_ptr<Connection>(std::make_unique<MysqlConnection>(std::move(session)));
  });
}

}  // namespace quern::mysql
