#pragma once
// The service-provider interface of a database: what Quern asks of one, and nothing more. Each
// connector folder implements it behind a plug-in; conformance/ tests all of them alike.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/dialect.h"
#include "base/result.h"
#include "base/scalar_kernel.h"
#include "connectors/loading.h"
#include "connectors/memory_loan.h"
#include "connectors/reading.h"
#include "connectors/table_name.h"

namespace quern {

/// Of fetch(), where nothing else is set.
inline constexpr int kFetchConnections = 2;

/// One session on a database. Threads: one at a time, except cancel(). Spans of diagnostics point
/// into the text passed to the failing call.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual Dialect dialect() const = 0;
  /// "DuckDB 1.4.4": for messages and EXPLAIN PLAN.
  virtual std::string engine() const = 0;

  /// Asks for the schema of `sql` without running it. Errors: database_rejected_query.
  virtual Result<Description> describe(const std::string& sql) = 0;
  /// The optimizer's guess of how many rows `sql` returns, without running it; nullopt: none.
  virtual Result<std::optional<std::int64_t>> estimate_rows(const std::string& sql) = 0;

  /// Runs one statement. Rows are streamed; a later call on this connection ends a stream.
  /// Errors: database_rejected_query (before it ran), database_error, read_only, cancelled.
  virtual Result<Execution> execute(const std::string& sql) = 0;

  /// Runs a query of whose columns some will be looked at, in order; empty: all. Others come as
  /// NULL where fetches_some() says so. Errors: as execute().
  virtual Result<Execution> fetch(const std::string& sql, const std::vector<std::size_t>& used) {
    (void)used;
    return execute(sql);
  }
  virtual bool fetches_some() const { return false; }
  /// Of how many connections fetch() may make use for one query; 1: of this one alone. Rows come in
  /// the same order, and of one state of the database.
  virtual void set_fetch_connections(int /*connections*/) {}

  /// Queries see one state of the database as long as the snapshot lives. Null where the engine
  /// cannot do that, and in the user's transaction, whose own rules hold.
  virtual Result<std::unique_ptr<Snapshot>> snapshot() { return std::unique_ptr<Snapshot>(); }

  /// Looks a table or view up; unset parts are resolved as the session would. nullopt: none.
  virtual Result<std::optional<TableInfo>> find_table(const TableName& name) = 0;

  /// True where `name` is a schema the session can see, or a catalog that may stand in its place.
  virtual Result<bool> schema_exists(const std::string& name) = 0;

  /// Whether the database in which `name` lies takes writes at all, and where it tells: from this
  /// user, into `name` or to make it. Asked before a long work whose result goes there.
  /// Errors: read_only.
  virtual Result<void> check_writable(const TableName& name) = 0;

  virtual WriteRules write_rules() const { return {}; }
  /// Opens a bulk load into `name`, which exists.
  virtual Result<std::unique_ptr<Appender>> append_to(const TableName& name) = 0;
  /// Begins to write a table, in the user's transaction where one is open. The connection outlives
  /// the load, and may read meanwhile where its rules say so. Errors: database_error, read_only.
  virtual Result<std::unique_ptr<TableLoad>> load_table(const TableOrder& order) = 0;

  /// True where write_computed() can run `query`, outside transactions of the user's.
  virtual bool computes(const std::string& /*query*/) const { return false; }
  /// Writes a table whole or not at all, in the order of the query's rows: the engine calls the
  /// kernel on all of its threads. Returns the number of rows. Errors: those of the kernel, of
  /// execute() and of load_table().
  virtual Result<std::int64_t> write_computed(const TableOrder& /*order*/,
                                              const ComputedRows& /*rows*/) {
    return Diagnostic{Code::internal, "the engine computes nothing"};
  }

  /// A transaction of our own, around what this connection is asked to do.
  virtual Result<void> begin();
  virtual Result<void> commit();
  virtual Result<void> rollback();
  /// True inside a transaction that the user opened; results then go through this connection.
  virtual bool in_transaction() const = 0;

  /// Another session on the same database, for writing beside a running read. It resolves
  /// unqualified names as this one does now.
  virtual Result<std::unique_ptr<Connection>> sibling() = 0;

  /// Prepares for the first write of a session that began without a home on disk. Returns a note
  /// for the user ("created quern.duckdb"), or "". Does nothing elsewhere.
  virtual Result<std::string> before_write() { return std::string(); }

  /// Takes a share of what the session's setting allows the engine for its buffers, for rows that
  /// the caller holds; other sessions on the database may do so too, and share what is left. Null
  /// where there is no limit. Errors: database_error.
  virtual Result<std::unique_ptr<MemoryLoan>> borrow_memory() {
    return std::unique_ptr<MemoryLoan>();
  }

  /// Lets plain SQL call the functions of `kernels`, which outlives the connection. Does nothing
  /// where the engine is not in this process.
  virtual void offer(KernelLibrary& /*kernels*/) {}

  /// What became of the connection itself since this was last asked, for the user to hear: that it
  /// was lost and opened anew, or reads only.
  virtual std::vector<Diagnostic> take_notes() { return {}; }

  /// Stops what runs on this connection: that and each later call fail with `cancelled`, until
  /// resume(). Threads: any.
  virtual void cancel() noexcept = 0;
  /// Forgets a cancel(): a new statement of the user's begins.
  virtual void resume() noexcept = 0;

  /// The type's name in CREATE TABLE.
  virtual std::string type_name(const ColumnType& type) const = 0;
};

/// How to open a database.
struct OpenOptions {
  std::string uri;  ///< with scheme; "" is the default database of language.md, "Connections"
  int threads = 0;  ///< 0: the database's own default
};

/// The table that a connector plug-in hands to load_plugin().
struct ConnectorPlugin {
  Result<std::unique_ptr<Connection>> (*open)(const OpenOptions& options);
};

/// Quotes an identifier for a dialect: "a""b", or `a``b` on MySQL.
std::string quote_identifier(const std::string& name, Dialect dialect);
/// The name with every set part quoted and joined by dots.
std::string quote_name(const TableName& name, Dialect dialect);
/// Quotes text as an SQL string literal.
std::string quote_text(const std::string& text, Dialect dialect);

/// Opens `options.uri` with the plug-in of its scheme. Errors: unknown_scheme, plugin_missing,
/// cannot_open. No password of the URI appears in any of them.
Result<std::unique_ptr<Connection>> open_connection(const OpenOptions& options);

}  // namespace quern
