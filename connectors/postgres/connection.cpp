// The user's session: statements, transactions, and sessions beside it.

#include "connectors/postgres/connection.h"

#include <tuple>

#include "connectors/postgres/appender.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/session.h"
#include "connectors/postgres/stream.h"
#include "connectors/postgres/table_load.h"
#include "connectors/postgres/types.h"
#include "connectors/sql_text.h"

namespace quern::postgres {
namespace {

/// What was found of a statement without running it.
struct Prepared {
  bool returns_rows = false;
  std::vector<ResultColumn> columns;
};

class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  Dialect dialect() const override { return Dialect::postgres; }
  std::string engine() const override { return session_->engine(); }
  bool in_transaction() const override { return session_->in_transaction(); }
  void cancel() noexcept override { session_->cancel(); }
  void resume() noexcept override { session_->resume(); }
  std::string type_name(const ColumnType& type) const override { return postgres::type_name(type); }

  Result<Description> describe(const std::string& sql) override {
    return called([&] { return unharmed([&] { return describe_statement(sql); }); });
  }
  Result<std::optional<std::int64_t>> estimate_rows(const std::string& sql) override {
    return called([&] {
      return unharmed([&]() -> Result<std::optional<std::int64_t>> {
        const auto plan = plan_of(*session_, sql);
        if (session_->cancelled()) return cancelled_diagnostic();
        return plan.rows;
      });
    });
  }
  Result<Execution> execute(const std::string& sql) override {
    return called([&] { return execute_statement(sql, {}); });
  }
  Result<Execution> fetch(const std::string& sql, const std::vector<std::size_t>& used) override {
    return called([&] { return execute_statement(sql, used); });
  }
  bool fetches_some() const override { return true; }
  Result<std::optional<TableInfo>> find_table(const TableName& name) override {
    return called([&] { return postgres::find_table(*session_, name); });
  }
  Result<bool> schema_exists(const std::string& name) override {
    return called([&] { return postgres::schema_exists(*session_, name); });
  }
  Result<void> check_writable(const TableName& name) override {
    return called([&] { return postgres::check_writable(*session_, name); });
  }
  Result<std::unique_ptr<Appender>> append_to(const TableName& name) override {
    return called([&] { return open_appender(name); });
  }
  Result<std::unique_ptr<TableLoad>> load_table(const TableOrder& order) override {
    return guarded([&]() -> Result<std::unique_ptr<TableLoad>> {
      QUERN_TRY(auto scope, WriteScope::begin(*this));
      auto& session = *static_cast<PostgresConnection&>(scope.connection()).session_;
      return begin_load(std::move(scope), session, order);
    });
  }
  Result<std::unique_ptr<Snapshot>> snapshot() override {
    return called([&]() -> Result<std::unique_ptr<Snapshot>> {
      if (session_->in_transaction()) return std::unique_ptr<Snapshot>();
      QUERN_CHECK(session_->command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
      session_->set_snapshot(true);
      return std::unique_ptr<Snapshot>(std::make_unique<OneState>(*this));
    });
  }
  /// Leaves this session alone: a stream that is open goes on.
  Result<std::unique_ptr<Connection>> sibling() override {
    return guarded([&] { return open_sibling(); });
  }

 private:
  /// A transaction of our own, in which the session reads.
  class OneState final : public Snapshot {
   public:
    explicit OneState(PostgresConnection& connection) : connection_(connection) {}
    OneState(const OneState&) = delete;
    OneState& operator=(const OneState&) = delete;
    ~OneState() override { connection_.end_snapshot(); }

   private:
    PostgresConnection& connection_;
  };

  /// Whatever became of it, also of a request to stop: the session must not stay inside.
  void end_snapshot() noexcept {
    std::ignore = guarded([&]() -> Result<void> {
      session_->end_stream();
      const auto ended = session_->command("ROLLBACK");
      session_->follow_transaction();
      session_->set_snapshot(false);
      return ended ? Result<void>() : Result<void>(ended.errors());
    });
  }

  template <typename F>
  auto called(F f) -> decltype(f()) {
    return guarded([&]() -> decltype(f()) {
      QUERN_CHECK(session_->begin_call());
      auto result = f();
      session_->follow_transaction();
      return result;
    });
  }

  /// Asks in such a way that a refusal does not end the user's transaction.
  template <typename F>
  auto unharmed(F f) -> decltype(f()) {
    const bool inside = PQtransactionStatus(session_->handle()) == PQTRANS_INTRANS;
    if (inside) QUERN_CHECK(session_->command("SAVEPOINT quern_asks"));
    auto result = f();
    if (inside) {
      QUERN_CHECK(
          session_->command("ROLLBACK TO SAVEPOINT quern_asks; RELEASE SAVEPOINT quern_asks"));
    }
    return result;
  }

  Result<Prepared> prepare(const std::string& sql) {
    if (sql::has_several_statements(sql, Dialect::postgres)) {
      return Diagnostic{Code::database_rejected_query,
                        "postgres: several statements where one is expected"};
    }
    if (sql::without_end(sql, Dialect::postgres).empty())
      return Diagnostic{Code::database_rejected_query, "postgres: there is no statement"};
    const ResultHandle prepared(PQprepare(session_->handle(), "", sql.c_str(), 0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK)
      return session_->failure(prepared.get(), Stage::before_running, {sql});
    const ResultHandle described(PQdescribePrepared(session_->handle(), ""));
    if (PQresultStatus(described.get()) != PGRES_COMMAND_OK)
      return session_->failure(described.get(), Stage::before_running, {sql});
    if (PQnparams(described.get()) > 0) {
      return Diagnostic{Code::database_rejected_query,
                        "postgres: the statement has parameters, which have no values here",
                        SourceSpan::none(), "write the values in their place"};
    }
    QUERN_TRY(auto columns, result_columns(*session_, described.get()));
    return Prepared{.returns_rows = !columns.empty(), .columns = std::move(columns)};
  }

  Result<Description> describe_statement(const std::string& sql) {
    QUERN_TRY(const auto prepared, prepare(sql));
    Description out{.schema = {}, .returns_rows = prepared.returns_rows, .reads = {}};
    for (const auto& column : prepared.columns) out.schema.push_back(column.field);
    if (out.returns_rows) out.reads = plan_of(*session_, sql).reads;
    if (session_->cancelled()) return cancelled_diagnostic();
    return out;
  }

  Result<Execution> execute_statement(const std::string& sql,
                                      const std::vector<std::size_t>& used) {
    QUERN_TRY(auto prepared, prepare(sql));
    Execution out;
    if (prepared.returns_rows) {
      QUERN_CHECK(remember_names());
      QUERN_TRY(out.rows, start_stream(session_, prepared.columns, used, sql));
    } else {
      QUERN_TRY(out.changed, run(sql));
    }
    out.notes = session_->take_notices();
    return out;
  }

  /// Runs the statement that was prepared last; it returns no rows.
  Result<std::int64_t> run(const std::string& sql) {
    const ResultHandle result(
        PQexecPrepared(session_->handle(), "", 0, nullptr, nullptr, nullptr, 0));
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
      session_->end_stream();
      return Diagnostic{Code::database_rejected_query,
                        "postgres: COPY from and to the client has no rows here",
                        SourceSpan::none(), "COPY from or to a file of the server's, or SELECT"};
    }
    if (status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY && status != PGRES_TUPLES_OK)
      return session_->failure(result.get(), Stage::running, {sql});
    const std::string changed = PQcmdTuples(result.get());
    return changed.empty() ? 0 : std::stoll(changed);
  }

  Result<std::unique_ptr<Appender>> open_appender(const TableName& name) {
    QUERN_TRY(const auto table, postgres::find_table(*session_, name));
    if (!table) {
      return Diagnostic{Code::database_error,
                        "postgres: there is no table " + quote_name(name, Dialect::postgres)};
    }
    return make_appender(session_, table->name);
  }

  /// How this session resolves names and whose rights it has, which a sibling needs while this
  /// session is busy. A failed transaction answers nothing: then what was known stays.
  Result<void> remember_names() {
    if (PQtransactionStatus(session_->handle()) == PQTRANS_INERROR) return {};
    QUERN_TRY(const auto rows,
              session_->ask("SELECT current_setting('search_path'), current_setting('role')"));
    search_path_ = rows.at(0).at(0);
    role_ = rows.at(0).at(1);
    return {};
  }

  Result<std::unique_ptr<Connection>> open_sibling() {
    if (session_->cancelled()) return cancelled_diagnostic();
    if (PQtransactionStatus(session_->handle()) == PQTRANS_IDLE) QUERN_CHECK(remember_names());
    QUERN_TRY(auto session, Session::open(session_->conninfo()));
    const std::string settings =
        "SELECT set_config('search_path', $1, false), set_config('role', $2, false)";
    QUERN_CHECK(session->ask(settings, {search_path_, role_.empty() ? "none" : role_}));
    auto other = std::make_unique<PostgresConnection>(std::move(session));
    other->search_path_ = search_path_;
    other->role_ = role_;
    return std::unique_ptr<Connection>(std::move(other));
  }

  std::shared_ptr<Session> session_;
  std::string search_path_;
  std::string role_;
};

}  // namespace

Result<std::unique_ptr<Connection>> open(const OpenOptions& options) {
  return guarded([&]() -> Result<std::unique_ptr<Connection>> {
    QUERN_TRY(auto session, Session::open(options.uri));
    return std::unique_ptr<Connection>(std::make_unique<PostgresConnection>(std::move(session)));
  });
}

}  // namespace quern::postgres
