#pragma once
// One sqlite3*: preparing, running and stopping statements, and whose transaction is open. Shared
// by the connection, its streams and its appenders, so that each of them may go first.

#include <sqlite3.h>

#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "connectors/sqlite/errors.h"

namespace quern::sqlite {

/// A prepared statement.
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

/// A table or view that a statement reads, as SQLite's authorizer tells it.
struct Access {
  std::string schema;  ///< "" where a table is named and none of its columns
  std::string table;
  std::string within;  ///< the view or common table expression whose text reads it; "" for none
};

/// Threads: one at a time, except cancel() and cancelled().
class Session {
 public:
  /// \param path  as sqlite3_open_v2() takes it, `file:` URIs among them.
  static Result<std::shared_ptr<Session>> open(const std::string& path);

  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

  /// Begins a call of the connector's interface: ends an open stream. Errors: cancelled.
  Result<void> begin_call();
  /// The number of the current call; a stream of an earlier one is over.
  std::uint64_t call() const { return call_; }
  /// While true, calls are those of a function of ours, and part of the call whose statement calls
  /// it. Returns what was set.
  bool set_inner(bool inner) { return std::exchange(inner_, inner); }
  /// Says which statement the next call ends.
  void keep_open(const std::shared_ptr<Statement>& statement) {
    if (!inner_) open_ = statement;
  }

  void cancel() noexcept;
  void resume() noexcept { cancelled_.store(false); }
  bool cancelled() const { return cancelled_.load(); }
  /// While rows are inserted only the one who inserts looks for cancel(): SQLite would roll back
  /// the user's whole transaction where an INSERT is interrupted.
  void set_inserting(bool inserting) { inserting_.store(inserting); }

  /// Prepares one statement of the user's.
  Result<Statement> prepare(const std::string& sql);
  /// The same without effect: a PRAGMA that sets something would do so while it is prepared. Tells
  /// what is read.
  Result<Statement> look_at(const std::string& sql, std::vector<Access>& reads);
  /// Goes on to the next row; false at the end.
  Result<bool> step(sqlite3_stmt* statement, const std::string& sql);

  /// Runs a statement of our own, for its effect.
  Result<void> command(const std::string& sql);
  /// Runs a query of our own. NULL comes as "".
  Result<std::vector<std::vector<std::string>>> ask(const std::string& sql,
                                                    const std::vector<std::string>& values);

  /// A transaction of ours; takes the lock for writing at once.
  Result<void> begin();
  Result<void> commit();
  /// Works on a cancelled session too.
  void rollback();
  /// True where a transaction is open that the user began.
  bool in_user_transaction() const { return in_transaction() && !own_; }
  bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

  /// The diagnostic of the call that failed last.
  Diagnostic failure(Stage stage, const std::string& sql) const;

 private:
  explicit Session(std::string path) : path_(std::move(path)) {}
  Result<void> open_handle();
  static int authorize(void* session, int action, const char* a, const char* b, const char* schema,
                       const char* within);
  static int stop_if_cancelled(void* session);
  static int wait_for_lock(void* session, int times);

  std::string path_;
  std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> handle_{nullptr, sqlite3_close_v2};
  std::weak_ptr<Statement> open_;
  std::vector<Access>* watching_ = nullptr;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> inserting_ = false;
  std::uint64_t call_ = 0;
  bool inner_ = false;
  bool own_ = false;  ///< the open transaction is ours
};

/// Calls `f` and turns whatever it throws into a diagnostic: nothing leaves the plug-in but
/// results.
template <typename F>
auto guarded(F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory in the SQLite connector"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("SQLite connector: ") + e.what()};
  }
}

}  // namespace quern::sqlite
