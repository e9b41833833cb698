#pragma once
// One duckdb_connection: preparing, running and stopping statements. Shared by the connection, its
// streams and its appenders, so that each of them may go first.

#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "connectors/duckdb/database.h"
#include "connectors/duckdb/errors.h"
#include "connectors/duckdb/functions.h"
#include "connectors/duckdb/handles.h"

namespace quern::duckdb {

/// A statement ready to run. The names and types of its columns are DuckDB's; for statements
/// without rows it makes one up ("Count", "Success").
struct Prepared {
  PreparedHandle statement;
  duckdb_statement_type type = DUCKDB_STATEMENT_TYPE_INVALID;
  std::vector<std::string> names;
  std::vector<TypeHandle> types;
  bool in_steps = false;  ///< the statement stands for several, of which this is the last

  Schema schema() const;
  /// False where the columns are made up.
  bool returns_rows() const;
  /// The count that a statement without rows hands out.
  std::int64_t rows_changed(QueryResult& result) const;
};

/// Threads: one at a time, except cancel() and cancelled().
class Session {
 public:
  static Result<std::shared_ptr<Session>> open(std::shared_ptr<Database> database);

  duckdb_connection handle() const { return handle_.get(); }
  const std::shared_ptr<Database>& database() const { return database_; }

  /// Begins a call of the connector's interface: ends an open stream. Errors: cancelled.
  Result<void> begin_call();
  /// The number of the current call; a stream of an earlier one is over.
  std::uint64_t call() const { return call_; }

  void cancel() noexcept;
  void resume() noexcept { cancelled_.store(false); }
  bool cancelled() const { return cancelled_.load(); }

  /// Lets the statements to come call our functions.
  void offer(KernelLibrary& kernels) { functions_.offer(handle(), kernels); }
  Functions& functions() { return functions_; }

  /// Prepares one statement. PIVOT becomes several; those before the last are run at once. What its
  /// calls of our functions need is loaded meanwhile.
  Result<Prepared> prepare(const std::string& sql);
  /// Runs a prepared statement until its first rows are there. Errors: see connector.h, execute().
  Result<void> start(const Prepared& prepared, QueryResult& result, const Source& source);

  /// Runs a statement that writes; returns the number of rows. Errors: as start().
  Result<std::int64_t> change(const std::string& sql, const Source& source);

  /// Runs a statement of our own, for its effect.
  Result<void> command(const std::string& sql);
  /// Runs a query of our own. Every column is VARCHAR; NULL comes as "".
  Result<std::vector<std::vector<std::string>>> ask(const std::string& sql,
                                                    const std::vector<std::string>& values);

 private:
  explicit Session(std::shared_ptr<Database> database) : database_(std::move(database)) {}
  Result<Prepared> prepare_once(const std::string& sql);
  Result<Prepared> prepare_part(duckdb_extracted_statements parts, idx_t index,
                                const std::string& sql);
  Result<void> run_leading_parts(duckdb_extracted_statements parts, idx_t count,
                                 const std::string& sql);

  std::shared_ptr<Database> database_;  // outlives the handle below
  ConnectionHandle handle_;
  Functions functions_;
  std::atomic<bool> cancelled_ = false;
  std::uint64_t call_ = 0;
};

/// Calls `f` and turns whatever it throws into a diagnostic: nothing leaves the plug-in but
/// results.
template <typename F>
auto guarded(F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory in the DuckDB connector"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("DuckDB connector: ") + e.what()};
  }
}

}  // namespace quern::duckdb
