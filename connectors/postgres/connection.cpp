// The user's session: statements, transactions, and sessions beside it.

#include "connectors/postgres/connection.h"

#include <mutex>
#include <numeric>
#include <tuple>

#include "connectors/postgres/appender.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/parallel_stream.h"
#include "connectors/postgres/session.h"
#include "connectors/postgres/stream.h"
#include "connectors/postgres/table_load.h"
#include "connectors/postgres/types.h"
#include "connectors/sql_text.h"

namespace quern::postgres {
namespace {

constexpr const char* kSavepoint = "SAVEPOINT quern_asks";
constexpr const char* kKeepAll = "RELEASE SAVEPOINT quern_asks";
constexpr const char* kBackToSavepoint =
    "ROLLBACK TO SAVEPOINT quern_asks; RELEASE SAVEPOINT quern_asks";

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
  void cancel() noexcept override {
    session_->cancel();
    const std::scoped_lock held(parallel_lock_);
    if (const auto read = parallel_.lock()) read->cancel();
  }
  void resume() noexcept override { session_->resume(); }
  std::vector<Diagnostic> take_notes() override { return session_->take_news(); }
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
    return called([&] { return fetch_statement(sql, used); });
  }
  bool fetches_some() const override { return true; }
  void set_fetch_connections(int connections) override { fetch_connections_ = connections; }
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
      QUERN_CHECK(begin_snapshot());
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

  Result<void> begin_snapshot() {
    QUERN_CHECK(session_->command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    session_->set_snapshot(true);
    return {};
  }

  void end_snapshot() noexcept {
    stop_parallel();
    leave_snapshot(*session_);
  }

  /// Whatever became of it, also of a request to stop: the session must not stay inside.
  static void leave_snapshot(Session& session) noexcept {
    std::ignore = guarded([&]() -> Result<void> {
      if (session.is_streaming()) session.end_stream();
      const auto ended = session.command("ROLLBACK");
      session.follow_transaction();
      session.set_snapshot(false);
      return ended ? Result<void>() : Result<void>(ended.errors());
    });
  }

  /// Rows that several connections fetch. Holds the connection's read in common with it, since a
  /// later statement ends it.
  class ParallelStream final : public BatchStream {
   public:
    explicit ParallelStream(std::shared_ptr<ParallelRead> read) : read_(std::move(read)) {}
    ParallelStream(const ParallelStream&) = delete;
    ParallelStream& operator=(const ParallelStream&) = delete;
    ~ParallelStream() override { read_->stop(); }
    const Schema& schema() const override { return read_->schema(); }
    Result<bool> next(ColumnBatch& out) override {
      return guarded([&] { return read_->next(out); });
    }
    Diagnostics take_notes() override { return read_->take_notes(); }

   private:
    std::shared_ptr<ParallelRead> read_;
  };

  void stop_parallel() noexcept {
    if (const auto read = parallel_.lock()) read->stop();
  }

  template <typename F>
  auto called(F f) -> decltype(f()) {
    return guarded([&]() -> decltype(f()) {
      stop_parallel();
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
    if (inside) QUERN_CHECK(session_->command(kSavepoint));
    auto result = f();
    if (inside) QUERN_CHECK(session_->command(kBackToSavepoint));
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

  Result<Execution> fetch_statement(const std::string& sql, const std::vector<std::size_t>& used) {
    if (fetch_connections_ < 2 || session_->in_transaction() || !is_query(sql))
      return execute_statement(sql, used);
    QUERN_TRY(auto prepared, prepare(sql));
    auto fetched = used;
    if (fetched.empty()) {
      fetched.resize(prepared.columns.size());
      std::iota(fetched.begin(), fetched.end(), 0);
    }
    Execution out;
    QUERN_TRY(out.rows, start_parallel(sql, prepared.columns, fetched));
    if (!out.rows) return execute_statement(sql, used);
    out.notes = session_->take_notices();
    return out;
  }

  /// Null where one connection reads the query.
  Result<std::unique_ptr<BatchStream>> start_parallel(const std::string& sql,
                                                      const std::vector<ResultColumn>& columns,
                                                      const std::vector<std::size_t>& used) {
    QUERN_TRY(const auto division, unharmed([&]() -> Result<std::optional<Division>> {
                return divide(*session_, sql, wrapped_values(columns, used), columns.size());
              }));
    if (!division) return std::unique_ptr<BatchStream>();
    QUERN_CHECK(remember_names());
    const bool own = PQtransactionStatus(session_->handle()) == PQTRANS_IDLE;
    if (own) QUERN_CHECK(begin_snapshot());
    const auto leave = [own](Session& session) {
      if (own) leave_snapshot(session);
    };
    auto sessions = open_readers(*division);
    if (sessions.size() < 2) {
      leave(*session_);
      if (session_->cancelled()) return cancelled_diagnostic();
      return std::unique_ptr<BatchStream>();
    }
    const auto at_end = [session = session_, leave] { leave(*session); };
    auto read = std::make_shared<ParallelRead>(DividedRead{*division, columns, used, sql},
                                               std::move(sessions), at_end);
    {
      const std::scoped_lock held(parallel_lock_);
      parallel_ = read;
    }
    if (session_->cancelled()) return cancelled_diagnostic();
    return std::unique_ptr<BatchStream>(std::make_unique<ParallelStream>(std::move(read)));
  }

  /// This session and others that see what it sees, as many as can be had; none where the query
  /// turns out to be one that must not be divided.
  std::vector<std::shared_ptr<Session>> open_readers(const Division& division) {
    std::vector<std::shared_ptr<Session>> out;
    // A standby may refuse to export, which would end a snapshot that goes on behind this query.
    const auto standby = session_->ask("SELECT pg_is_in_recovery()");
    if (!standby || standby->at(0).at(0) == "t") return out;
    const auto exported = session_->ask("SELECT pg_export_snapshot()");
    const auto settings = session_->settings();
    if (!exported || !settings || !session_->command(kSavepoint)) return out;
    const bool holds = division.holds(*session_);
    if (!session_->command(holds ? kKeepAll : kBackToSavepoint) || !holds) return out;
    out.push_back(session_);
    while (static_cast<int>(out.size()) < fetch_connections_) {
      auto other = open_reader(exported->at(0).at(0), *settings);
      if (!other || !division.holds(**other)) break;
      out.push_back(*std::move(other));
    }
    return out;
  }

  Result<std::shared_ptr<Session>> open_reader(const std::string& snapshot,
                                               const TextRows& settings) {
    if (session_->cancelled()) return cancelled_diagnostic();
    QUERN_TRY(auto session, open_alike());
    QUERN_CHECK(session->set(settings));
    QUERN_CHECK(session->command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    QUERN_CHECK(
        session->command("SET TRANSACTION SNAPSHOT " + quote_text(snapshot, Dialect::postgres)));
    return session;
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
    QUERN_TRY(identity_, session_->identity());
    return {};
  }

  /// A session with this one's rights, which resolves names as this one does.
  Result<std::shared_ptr<Session>> open_alike() {
    QUERN_TRY(auto session, Session::open(session_->conninfo()));
    QUERN_CHECK(session->set(identity_));
    return session;
  }

  Result<std::unique_ptr<Connection>> open_sibling() {
    if (session_->cancelled()) return cancelled_diagnostic();
    const bool reads = !parallel_.expired();
    if (!reads && PQtransactionStatus(session_->handle()) == PQTRANS_IDLE)
      QUERN_CHECK(remember_names());
    QUERN_TRY(auto session, open_alike());
    auto other = std::make_unique<PostgresConnection>(std::move(session));
    other->identity_ = identity_;
    other->fetch_connections_ = fetch_connections_;
    return std::unique_ptr<Connection>(std::move(other));
  }

  std::shared_ptr<Session> session_;
  TextRows identity_;
  int fetch_connections_ = kFetchConnections;
  std::mutex parallel_lock_;  ///< of the member below, against cancel()
  std::weak_ptr<ParallelRead> parallel_;
};

}  // namespace

Result<std::unique_ptr<Connection>> open(const OpenOptions& options) {
  return guarded([&]() -> Result<std::unique_ptr<Connection>> {
    QUERN_TRY(auto session, Session::open(options.uri));
    return std::unique_ptr<Connection>(std::make_unique<PostgresConnection>(std::move(session)));
  });
}

}  // namespace quern::postgres
