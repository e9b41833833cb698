#pragma once
// One connection of libpq's: commands, streams and stopping them. Shared by the connection, its
// streams and its appenders, so that each of them may go first.

#include <atomic>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.h"
#include "connectors/postgres/errors.h"
#include "connectors/postgres/handles.h"

namespace quern::postgres {

using Oid = ::Oid;

/// Rows of a query of our own, as text; NULL comes as "".
using TextRows = std::vector<std::vector<std::string>>;

/// What the server says of a type it was asked for.
struct ServerType {
  std::string name;      ///< as CREATE TABLE takes it, with its modifier
  char kind = 'b';       ///< pg_type.typtype: base, composite, enum, ...
  char category = 'U';   ///< pg_type.typcategory
  std::string spelling;  ///< pg_type.typname
};

/// Threads: one at a time, except cancel().
class Session {
 public:
  /// \param conninfo  a URI or a connection string. Errors: cannot_open.
  static Result<std::shared_ptr<Session>> open(const std::string& conninfo);
  ~Session();

  PGconn* handle() const { return handle_.get(); }
  const std::string& conninfo() const { return conninfo_; }
  const std::string& engine() const { return engine_; }
  /// The server copies a query's rows out in binary form.
  bool copies_queries() const { return copies_queries_; }

  /// Begins a call of the connector's interface: ends an open stream, and opens the connection
  /// anew where it was lost and no transaction with it. Errors: cancelled, database_error.
  Result<void> begin_call();
  /// The number of the current call; a stream of an earlier one is over.
  std::uint64_t call() const { return call_; }
  /// Rows are under way on the connection, until stream_ended().
  void stream_begins() { streaming_ = true; }
  void stream_ended() { streaming_ = false; }
  bool is_streaming() const { return streaming_; }
  /// Reads what is left of a stream and forgets it. A statement whose transaction is its own is
  /// stopped on the server; inside the user's that would end the transaction.
  void end_stream();

  void cancel() noexcept;
  /// Stops what runs now, and nothing else. Threads: any.
  void interrupt() noexcept;
  void resume() noexcept { cancelled_.store(false); }
  bool cancelled() const { return cancelled_.load(); }

  /// The user opened one.
  bool in_transaction() const { return in_transaction_ && !snapshot_; }
  /// The transaction that is open is of our own, for reading.
  void set_snapshot(bool open) { snapshot_ = open; }
  /// Asks libpq, once nothing is under way.
  void follow_transaction();

  /// Runs a command. \param source  what errors point into.
  Result<ResultHandle> command(const std::string& sql, const Source& source = {},
                               Stage stage = Stage::running);
  /// Whose rights this session has and how it resolves names: {name, value} of set_config().
  Result<TextRows> identity();
  /// What else was set in it.
  Result<TextRows> settings();
  /// Gives this session the settings of another.
  Result<void> set(const TextRows& settings);
  /// A query of our own, with values for $1, $2, ...
  Result<TextRows> ask(const std::string& sql, const std::vector<std::string>& values = {});

  /// The next result of what runs; null when there is none left.
  ResultHandle next_result() { return ResultHandle(PQgetResult(handle())); }
  /// An error of the connection's or of a result.
  Diagnostic failure(const PGresult* result, Stage stage, const Source& source) const;

  /// What the server said since the last call of this.
  Diagnostics take_notices();
  /// What became of the connection since the last call of this.
  Diagnostics take_news() { return std::exchange(news_, {}); }
  /// Keeps the first of them: a function may raise one for each row.
  void add_notice(Diagnostic notice);

  /// The name and kind of each type, from the server once.
  Result<std::vector<ServerType>> types(const std::vector<std::pair<Oid, int>>& wanted);

 private:
  explicit Session(std::string conninfo) : conninfo_(std::move(conninfo)) {}
  Result<void> connect();
  Result<void> settle();
  Result<void> reconnect();

  std::string conninfo_;
  std::string engine_;
  bool copies_queries_ = true;
  ConnectionHandle handle_;
  CancelHandle cancel_;
  std::mutex cancel_lock_;  ///< of the member above
  std::atomic<bool> cancelled_ = false;
  std::uint64_t call_ = 0;
  bool streaming_ = false;
  std::atomic<bool> in_transaction_ = false;  ///< a thread that reads follows it
  std::atomic<bool> snapshot_ = false;
  Diagnostics news_;
  Diagnostics notices_;
  std::int64_t more_notices_ = 0;  ///< that were not kept
  std::map<std::pair<Oid, int>, ServerType> types_;
};

/// Calls `f` and turns whatever it throws into a diagnostic: nothing leaves the plug-in but
/// results.
template <typename F>
auto guarded(F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory in the PostgreSQL connector"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("PostgreSQL connector: ") + e.what()};
  }
}

}  // namespace quern::postgres
