// The user's session: statements, transactions, and the moment when an in-memory default database
// gets its home on disk.

#include "connectors/duckdb/connection.h"

#include <filesystem>
#include <set>
#include <tuple>

#include "base/similar.h"
#include "connectors/duckdb/appender.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/computed_rows.h"
#include "connectors/duckdb/session.h"
#include "connectors/duckdb/stream.h"
#include "connectors/duckdb/types.h"
#include "connectors/sql_text.h"
#include "connectors/write_scope.h"

namespace quern::duckdb {
namespace {

Diagnostic note(std::string message) {
  Diagnostic d;
  d.message = std::move(message);
  d.severity = Severity::note;
  return d;
}

/// True for a CREATE whose object stays after the session. Nothing else can be a first write: rows
/// only go into what was created before.
bool creates_to_stay(const Prepared& prepared, const std::string& sql) {
  const auto words = " " + sql::leading_words(sql, 5, Dialect::duckdb) + " ";
  const bool create = prepared.type == DUCKDB_STATEMENT_TYPE_CREATE ||
                      prepared.type == DUCKDB_STATEMENT_TYPE_CREATE_FUNC;
  const bool session_only = words.find(" TEMP ") != std::string::npos ||
                            words.find(" TEMPORARY ") != std::string::npos ||
                            words.find(" SECRET ") != std::string::npos;
  return create && words.starts_with(" CREATE ") && !session_only;
}

/// The first part of the name of what a CREATE makes; "" for a name that is not qualified.
std::string qualifier(const std::string& sql) {
  static const std::set<std::string> before_name{
      "CREATE",   "OR",    "REPLACE", "PERSISTENT", "RECURSIVE", "UNIQUE",
      "TABLE",    "VIEW",  "SCHEMA",  "TYPE",       "SEQUENCE",  "MACRO",
      "FUNCTION", "INDEX", "IF",      "NOT",        "EXISTS"};
  auto token = sql::next_token(sql, 0, Dialect::duckdb);
  while (token.size() > 0 && before_name.contains(sql::leading_words(
                                 sql.substr(token.begin, token.size()), 1, Dialect::duckdb))) {
    token = sql::next_token(sql, token.end, Dialect::duckdb);
  }
  token = sql::token_at(sql, token.begin, Dialect::duckdb);
  const auto parts =
      sql::split_name(std::string_view(sql).substr(token.begin, token.size()), Dialect::duckdb);
  return parts.size() > 1 ? parts[0] : "";
}

/// Has a session of its own: the borrower's may be gone, or hold an open stream.
class DuckLoan final : public MemoryLoan {
 public:
  DuckLoan(std::shared_ptr<Session> session, MemoryLimit::Loan loan)
      : session_(std::move(session)), loan_(loan) {}
  DuckLoan(const DuckLoan&) = delete;
  DuckLoan& operator=(const DuckLoan&) = delete;
  ~DuckLoan() override {
    // What fails here is put right by the next loan.
    std::ignore = guarded([&]() -> Result<void> {
      session_->database()->memory->take_back(*session_, loan_);
      return {};
    });
  }
  std::int64_t bytes() const override { return loan_.bytes; }

 private:
  std::shared_ptr<Session> session_;
  MemoryLimit::Loan loan_;
};

class DuckConnection final : public Connection {
 public:
  explicit DuckConnection(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  Dialect dialect() const override { return Dialect::duckdb; }
  std::string engine() const override {
    return std::string("DuckDB ") + (duckdb_library_version() + 1);
  }
  bool in_transaction() const override { return in_transaction_; }
  void cancel() noexcept override { session_->cancel(); }
  void resume() noexcept override { session_->resume(); }
  std::string type_name(const ColumnType& type) const override { return duckdb::type_name(type); }

  Result<Description> describe(const std::string& sql) override {
    return called([&] { return describe_statement(sql); });
  }
  Result<std::optional<std::int64_t>> estimate_rows(const std::string& sql) override {
    return called([&] { return duckdb::estimate_rows(*session_, sql); });
  }
  Result<Execution> execute(const std::string& sql) override {
    return called([&] { return execute_statement(sql, {}); });
  }
  Result<Execution> fetch(const std::string& sql, const std::vector<std::size_t>& used) override {
    return called([&] { return execute_statement(sql, used); });
  }
  std::vector<Diagnostic> take_notes() override {
    auto words = std::exchange(session_->database()->note, "");
    if (words.empty()) return {};
    return {note(std::move(words))};
  }
  bool fetches_some() const override { return true; }
  /// A function that cannot be registered is one that DuckDB then does not know.
  void offer(KernelLibrary& kernels) override {
    std::ignore = guarded([&]() -> Result<void> {
      session_->offer(kernels);
      return {};
    });
  }
  bool computes(const std::string& query) const override { return duckdb::computes(query); }
  Result<std::int64_t> write_computed(const TableOrder& order, const ComputedRows& rows) override {
    return called([&] { return duckdb::write_computed(*session_, order, rows); });
  }
  Result<std::optional<TableInfo>> find_table(const TableName& name) override {
    return called([&] { return duckdb::find_table(*session_, name); });
  }
  Result<bool> schema_exists(const std::string& name) override {
    return called([&] { return duckdb::schema_exists(*session_, name); });
  }
  Result<void> check_writable(const TableName& name) override {
    return called([&] { return duckdb::check_writable(*session_, name); });
  }
  Result<std::unique_ptr<Appender>> append_to(const TableName& name) override {
    return called([&] { return open_appender(name); });
  }
  /// Leaves this session alone: a stream that is open goes on.
  Result<std::unique_ptr<Connection>> sibling() override {
    return guarded([&] { return open_sibling(); });
  }
  Result<std::string> before_write() override {
    return called([&] { return move_home(); });
  }
  Result<std::unique_ptr<TableLoad>> load_table(const TableOrder& order) override;

  /// Part of the current transaction.
  Result<void> comment_on(const TableName& name, const std::string& comment) {
    return called([&] { return write_comment(name, comment); });
  }
  /// CREATE INDEX for each of a table that will be made anew.
  Result<std::vector<std::string>> index_statements(const TableName& name) {
    return called([&] { return duckdb::index_statements(*session_, name); });
  }

  Result<std::unique_ptr<MemoryLoan>> borrow_memory() override {
    return called([&] { return borrow(); });
  }

 private:
  /// What each call has in common: it ends an open stream, and follows a sibling that moved home.
  template <typename F>
  auto called(F f) -> decltype(f()) {
    auto result = guarded([&]() -> decltype(f()) {
      QUERN_CHECK(session_->begin_call());
      QUERN_CHECK(follow_home());
      return f();
    });
    if (result.ok() || result.errors()[0].code != Code::read_only) return result;
    auto errors = std::move(result).errors();
    errors[0].hint = session_->database()->read_only_hint;
    return errors;
  }

  Result<Description> describe_statement(const std::string& sql) {
    QUERN_TRY(const auto prepared, session_->prepare(sql));
    Description out{.schema = {}, .returns_rows = prepared.returns_rows(), .reads = {}};
    if (!out.returns_rows) return out;
    out.schema = prepared.schema();
    if (prepared.type != DUCKDB_STATEMENT_TYPE_SELECT) return out;
    QUERN_TRY(out.reads, tables_read(*session_, sql));
    return out;
  }

  Result<Execution> execute_statement(const std::string& sql,
                                      const std::vector<std::size_t>& used) {
    Execution out;
    QUERN_TRY(auto prepared, session_->prepare(sql));
    QUERN_TRY(const bool homeless, needs_home(prepared, sql));
    if (homeless) {
      QUERN_TRY(const auto words, move_home());
      if (!words.empty()) out.notes.push_back(note(words));
      QUERN_TRY(prepared, session_->prepare(sql));
    }
    auto running = run_as(*session_, std::move(prepared), sql, used);
    auto result = std::make_unique<QueryResult>();
    const auto started = session_->start(running.prepared, *result, running.source());
    follow_transaction(running.prepared, sql, started.ok());
    QUERN_CHECK(started);
    if (running.prepared.type == DUCKDB_STATEMENT_TYPE_SET) QUERN_CHECK(remember_search_path());
    if (running.prepared.returns_rows()) {
      out.rows = make_stream(session_, std::move(running), std::move(result));
    } else {
      out.changed = running.prepared.rows_changed(*result);
    }
    return out;
  }

  /// A COMMIT that fails has ended its transaction all the same.
  void follow_transaction(const Prepared& prepared, const std::string& sql, bool done) {
    if (prepared.type != DUCKDB_STATEMENT_TYPE_TRANSACTION) return;
    const auto word = sql::leading_words(sql, 1, Dialect::duckdb);
    const bool begins = word == "BEGIN" || word == "START";
    in_transaction_ = begins && (done || in_transaction_);
  }

  Result<bool> needs_home(const Prepared& prepared, const std::string& sql) {
    const auto& database = *session_->database();
    if (!database.wants_home || database.has_home || !creates_to_stay(prepared, sql)) return false;
    const auto* named =
        "SELECT 'yes' FROM duckdb_databases() WHERE lower(database_name) = lower($1)";
    QUERN_TRY(const auto rows, session_->ask(named, {qualifier(sql)}));
    return rows.empty();  // else the statement says itself which database it writes
  }

  Result<std::string> current_database() {
    QUERN_TRY(const auto rows, session_->ask("SELECT current_database()", {}));
    return rows.at(0).at(0);
  }

  /// Where a sibling gave the database its home, unqualified names belong there in this session
  /// too.
  Result<void> follow_home() {
    if (at_home_ || !session_->database()->has_home) return {};
    at_home_ = true;
    QUERN_TRY(const auto current, current_database());
    if (current != "memory") return {};
    QUERN_CHECK(session_->command(std::string("USE ") + Database::kHomeName));
    return remember_search_path();
  }

  /// Attaches the home in a session of its own: the user's transaction may be rolled back later,
  /// and what it attached would go with it.
  Result<std::string> move_home() {
    auto& database = *session_->database();
    if (!database.wants_home) return std::string();
    const std::scoped_lock lock(database.home_lock);
    if (database.has_home) return std::string();
    QUERN_TRY(const auto current, current_database());
    if (current != "memory") return std::string();  // the user attached and uses another database
    const std::string file = Database::kHomeFile;
    std::error_code ignored;
    const bool existed = std::filesystem::exists(file, ignored);
    QUERN_TRY(const auto other, Session::open(session_->database()));
    const auto attached = other->command("ATTACH '" + file + "' AS " + Database::kHomeName);
    if (!attached.ok()) return diagnose_open(attached.errors()[0].message, file);
    database.has_home = true;
    QUERN_CHECK(follow_home());
    return (existed ? "opened " : "created ") + file + " in the current directory";
  }

  Result<std::unique_ptr<Appender>> open_appender(const TableName& name) {
    QUERN_TRY(const auto table, duckdb::find_table(*session_, name));
    if (!table) return missing(name);
    return make_appender(session_, table->name);
  }

  Result<void> write_comment(const TableName& name, const std::string& comment) {
    QUERN_TRY(const auto table, duckdb::find_table(*session_, name));
    if (!table) return missing(name);
    return session_->command(std::string("COMMENT ON ") + (table->is_view ? "VIEW " : "TABLE ") +
                             quote_name(table->name, Dialect::duckdb) + " IS " +
                             quote_text(comment, Dialect::duckdb));
  }

  Result<std::unique_ptr<MemoryLoan>> borrow() {
    QUERN_TRY(auto own, Session::open(session_->database()));
    QUERN_TRY(const auto loan, session_->database()->memory->lend(*own));
    if (!loan) return std::unique_ptr<MemoryLoan>();
    return std::unique_ptr<MemoryLoan>(std::make_unique<DuckLoan>(std::move(own), *loan));
  }

  static Diagnostic missing(const TableName& name) {
    return {Code::database_error, "duckdb: there is no table " + quote_name(name, Dialect::duckdb)};
  }

  Result<std::unique_ptr<Connection>> open_sibling() {
    QUERN_TRY(auto session, Session::open(session_->database()));
    if (!search_path_.empty()) {
      QUERN_CHECK(
          session->command("SET search_path = " + quote_text(search_path_, Dialect::duckdb)));
    }
    auto other = std::make_unique<DuckConnection>(std::move(session));
    other->search_path_ = search_path_;
    other->at_home_ = at_home_;
    return std::unique_ptr<Connection>(std::move(other));
  }

  /// Remembers where unqualified names are looked for, which a sibling needs while this session is
  /// busy.
  Result<void> remember_search_path() {
    QUERN_TRY(const auto rows, session_->ask("SELECT current_setting('search_path')", {}));
    search_path_ = rows.at(0).at(0);
    return {};
  }

  std::shared_ptr<Session> session_;
  std::string search_path_;  ///< as of the last SET or USE; "" is DuckDB's own default
  bool in_transaction_ = false;
  bool at_home_ = false;
};

/// Writes straight into the table, which other sessions see when the transaction ends.
class DuckTableLoad final : public TableLoad {
 public:
  explicit DuckTableLoad(WriteScope scope) : scope_(std::move(scope)) {}

  Result<void> prepare(const TableOrder& order) {
    if (order.mode != LoadMode::append) QUERN_CHECK(create(order));
    QUERN_TRY(appender_, connection().append_to(order.table));
    return {};
  }

  Result<void> append(const ColumnBatch& batch) override { return appender_->append(batch); }

  Result<void> commit() override {
    QUERN_CHECK(appender_->finish());
    appender_.reset();
    for (const auto& index : indexes_) QUERN_CHECK(make_index(index));
    return scope_.commit();
  }

 private:
  DuckConnection& connection() { return static_cast<DuckConnection&>(scope_.connection()); }

  Result<void> create(const TableOrder& order) {
    const auto name = quote_name(order.table, Dialect::duckdb);
    if (order.mode == LoadMode::replace) {
      QUERN_TRY(indexes_, connection().index_statements(order.table));
      QUERN_TRY([[maybe_unused]] const auto dropped, connection().execute("DROP TABLE " + name));
    }
    std::string columns;
    for (const auto& field : order.columns) {
      columns += columns.empty() ? "" : ", ";
      columns +=
          quote_identifier(field.name, Dialect::duckdb) + " " + connection().type_name(field.type);
    }
    QUERN_TRY([[maybe_unused]] const auto created,
              connection().execute("CREATE TABLE " + name + " (" + columns + ")"));
    QUERN_TRY(const auto info, connection().find_table(order.table));
    if (!info) return Diagnostic{Code::internal, "the table just created is not there: " + name};
    return connection().comment_on(order.table, order.comment(info->name));
  }

  Result<void> make_index(const std::string& statement) {
    auto made = connection().execute(statement);
    if (made) return {};
    return unsuitable_index(statement, std::move(made).errors());
  }

  WriteScope scope_;
  std::vector<std::string> indexes_;    ///< of the table that is replaced
  std::unique_ptr<Appender> appender_;  // destroyed before its connection
};

Result<std::unique_ptr<TableLoad>> DuckConnection::load_table(const TableOrder& order) {
  return guarded([&]() -> Result<std::unique_ptr<TableLoad>> {
    QUERN_TRY(auto scope, WriteScope::begin(*this));
    auto load = std::make_unique<DuckTableLoad>(std::move(scope));
    QUERN_CHECK(load->prepare(order));
    return std::unique_ptr<TableLoad>(std::move(load));
  });
}

}  // namespace

Result<std::unique_ptr<Connection>> open(const OpenOptions& options) {
  return guarded([&]() -> Result<std::unique_ptr<Connection>> {
    QUERN_TRY(auto database, open_database(options));
    QUERN_TRY(auto session, Session::open(std::move(database)));
    return std::unique_ptr<Connection>(std::make_unique<DuckConnection>(std::move(session)));
  });
}

}  // namespace quern::duckdb
