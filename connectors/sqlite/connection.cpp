// The user's session. SQLite has one writer: a result waits until its query was read, and goes in
// through this session.

#include "connectors/sqlite/connection.h"

#include "base/similar.h"
#include "connectors/sql_text.h"
#include "connectors/sqlite/appender.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/functions.h"
#include "connectors/sqlite/kept_rows.h"
#include "connectors/sqlite/session.h"
#include "connectors/sqlite/stream.h"
#include "connectors/sqlite/table_load.h"
#include "connectors/sqlite/types.h"

namespace quern::sqlite {
namespace {

std::string path_of(const std::string& uri) {
  auto path = equal_ignoring_case(uri.substr(0, 7), "sqlite:") ? uri.substr(7) : uri;
  return path.starts_with("//") ? path.substr(2) : path;
}

/// The part of SQLite's own limit that rows may take which Quern holds.
constexpr std::int64_t kShareOfHeap = 4;

/// Nothing is taken from SQLite: its limit is one that it tries to keep within.
class HeapShare final : public MemoryLoan {
 public:
  explicit HeapShare(std::int64_t bytes) : bytes_(bytes) {}
  std::int64_t bytes() const override { return bytes_; }

 private:
  std::int64_t bytes_;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  Dialect dialect() const override { return Dialect::sqlite; }
  std::string engine() const override { return std::string("SQLite ") + sqlite3_libversion(); }
  bool in_transaction() const override { return session_->in_user_transaction(); }
  void cancel() noexcept override { session_->cancel(); }
  void resume() noexcept override { session_->resume(); }
  std::string type_name(const ColumnType& type) const override { return sqlite::type_name(type); }
  WriteRules write_rules() const override {
    return {.beside_reading = false, .ddl_in_transaction = true};
  }

  Result<Description> describe(const std::string& sql) override {
    return called([&] { return describe_statement(sql); });
  }
  Result<std::optional<std::int64_t>> estimate_rows(const std::string& sql) override {
    return called([&] { return sqlite::estimate_rows(*session_, sql); });
  }
  Result<Execution> execute(const std::string& sql) override {
    return called([&] { return execute_statement(sql, {}); });
  }
  Result<Execution> fetch(const std::string& sql, const std::vector<std::size_t>& used) override {
    return called([&] { return execute_statement(sql, used); });
  }
  bool fetches_some() const override { return true; }
  void offer(KernelLibrary& kernels) override { offer_functions(*session_, kernels); }
  Result<std::optional<TableInfo>> find_table(const TableName& name) override {
    return called([&] { return look_up(name); });
  }
  Result<bool> schema_exists(const std::string& name) override {
    return called([&]() -> Result<bool> {
      for (const auto& schema : schemas(*session_)) {
        if (equal_ignoring_case(schema, name)) return true;
      }
      return false;
    });
  }
  Result<void> check_writable(const TableName& name) override {
    return called([&] { return sqlite::check_writable(*session_, name); });
  }
  Result<std::unique_ptr<Appender>> append_to(const TableName& name) override {
    return called([&] { return open_appender(name); });
  }
  Result<std::unique_ptr<TableLoad>> load_table(const TableOrder& order) override {
    return called([&] { return begin_load(session_, order); });
  }
  /// A quarter of PRAGMA soft_heap_limit; no limit where none is set.
  Result<std::unique_ptr<MemoryLoan>> borrow_memory() override {
    const auto limit = static_cast<std::int64_t>(sqlite3_soft_heap_limit64(-1));
    if (limit <= 0) return std::unique_ptr<MemoryLoan>();
    return std::unique_ptr<MemoryLoan>(std::make_unique<HeapShare>(limit / kShareOfHeap));
  }
  Result<void> begin() override {
    return called([&] { return session_->begin(); });
  }
  Result<void> commit() override {
    return called([&] { return session_->commit(); });
  }
  /// Of a statement that was cancelled as well.
  Result<void> rollback() override {
    session_->rollback();
    return {};
  }
  /// Leaves this session alone: a stream that is open goes on.
  Result<std::unique_ptr<Connection>> sibling() override {
    return guarded([&] { return open_sibling(); });
  }

 private:
  template <typename F>
  auto called(F f) -> decltype(f()) {
    return guarded([&]() -> decltype(f()) {
      QUERN_CHECK(session_->begin_call());
      return f();
    });
  }

  /// What reads and does nothing else.
  static bool is_query(sqlite3_stmt* statement, const std::string& sql) {
    return sqlite3_column_count(statement) > 0 && sqlite3_stmt_readonly(statement) != 0 &&
           sqlite3_stmt_isexplain(statement) == 0 &&
           sql::leading_words(sql, 1, Dialect::sqlite) != "PRAGMA";
  }

  /// Types that only rows tell are looked for in the rows, of what changes nothing.
  Result<Description> describe_statement(const std::string& sql) {
    kept_.forget();
    std::vector<Access> reads;
    QUERN_TRY(auto statement, session_->look_at(sql, reads));
    auto* raw = statement.get();
    Description out{.schema = {}, .returns_rows = sqlite3_column_count(raw) > 0, .reads = {}};
    if (!out.returns_rows) return out;
    const bool query = is_query(raw, sql);
    auto rows = std::make_unique<Stream>(session_, std::move(statement), sql);
    const bool runs = query && rows->needs_rows();
    QUERN_CHECK(runs ? rows->start() : rows->settle());
    out.schema = rows->schema();
    if (!query) return out;
    QUERN_TRY(out.reads, tables_read(*session_, reads));
    if (runs) kept_.keep(*session_, sql, std::move(rows));
    return out;
  }

  Result<Execution> execute_statement(const std::string& sql,
                                      const std::vector<std::size_t>& used) {
    Execution out;
    out.rows = kept_.take(*session_, sql, used);
    if (out.rows) return out;
    QUERN_TRY(auto statement, session_->prepare(sql));
    if (!is_query(statement.get(), sql)) kept_.forget();
    if (sqlite3_column_count(statement.get()) == 0) {
      QUERN_TRY(out.changed, run(statement.get(), sql));
      return out;
    }
    auto rows = std::make_unique<Stream>(session_, std::move(statement), sql, used);
    QUERN_CHECK(rows->start());
    out.rows = std::move(rows);
    return out;
  }

  /// The rows that a statement without a result changed itself, not its triggers.
  Result<std::int64_t> run(sqlite3_stmt* statement, const std::string& sql) {
    const auto before = sqlite3_total_changes64(session_->handle());
    QUERN_CHECK(session_->step(statement, sql));
    const bool changed = sqlite3_total_changes64(session_->handle()) != before;
    return changed ? static_cast<std::int64_t>(sqlite3_changes64(session_->handle())) : 0;
  }

  Result<std::optional<TableInfo>> look_up(const TableName& name) {
    QUERN_TRY(const auto entry, find_entry(*session_, name));
    if (!entry) return std::optional<TableInfo>();
    const auto sql = "SELECT * FROM " + quote_name(entry->name, Dialect::sqlite);
    QUERN_TRY(auto statement, session_->prepare(sql));
    Stream rows(session_, std::move(statement), sql);
    QUERN_CHECK(rows.needs_rows() ? rows.start() : rows.settle());
    return std::optional(TableInfo{.name = entry->name,
                                   .columns = rows.schema(),
                                   .is_view = entry->is_view,
                                   .is_temporary = equal_ignoring_case(entry->name.schema, "temp"),
                                   .comment = entry->is_view ? "" : comment_of(entry->sql)});
  }

  Result<std::unique_ptr<Appender>> open_appender(const TableName& name) {
    QUERN_TRY(const auto entry, find_entry(*session_, name));
    if (entry) return make_appender(session_, entry->name);
    return Diagnostic{Code::database_error,
                      "sqlite: there is no table " + quote_name(name, Dialect::sqlite)};
  }

  /// Knows the files that this session attached, but neither its temporary tables nor a database
  /// that lies in its memory.
  Result<std::unique_ptr<Connection>> open_sibling() {
    const auto* file = sqlite3_db_filename(session_->handle(), "main");
    if (file == nullptr || *file == 0) {
      return Diagnostic{Code::database_error, "sqlite: a database in memory has one session",
                        SourceSpan::none(), "open a file"};
    }
    QUERN_TRY(auto session, Session::open(session_->path()));
    for (const auto& schema : schemas(*session_)) {
      const auto* attached = sqlite3_db_filename(session_->handle(), schema.c_str());
      if (schema == "main" || schema == "temp" || attached == nullptr || *attached == 0) continue;
      QUERN_CHECK(session->command("ATTACH " + quote_text(attached, Dialect::sqlite) + " AS " +
                                   quote_identifier(schema, Dialect::sqlite)));
    }
    return std::unique_ptr<Connection>(std::make_unique<SqliteConnection>(std::move(session)));
  }

  std::shared_ptr<Session> session_;
  KeptRows kept_;
};

}  // namespace

Result<std::unique_ptr<Connection>> open(const OpenOptions& options) {
  return guarded([&]() -> Result<std::unique_ptr<Connection>> {
    const auto path = path_of(options.uri);
    if (path.empty()) {
      return Diagnostic{Code::cannot_open,
                        "cannot open a database: `" + options.uri + "` names no file",
                        SourceSpan::none(), "write sqlite:FILE or sqlite::memory:"};
    }
    QUERN_TRY(auto session, Session::open(path));
    return std::unique_ptr<Connection>(std::make_unique<SqliteConnection>(std::move(session)));
  });
}

}  // namespace quern::sqlite
