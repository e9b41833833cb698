#pragma once
// One connection to a server: commands, the rows that are under way on it, and stopping them.
// Shared by the connection, its streams and its appenders, so that each of them may go first.

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.h"
#include "connectors/mysql/errors.h"
#include "connectors/mysql/handles.h"
#include "connectors/mysql/target.h"

namespace quern::mysql {

/// Rows of a query of our own, as text; NULL comes as "".
using TextRows = std::vector<std::vector<std::string>>;

/// Rows on their way. Of the two handles one is set.
struct Running {
  StatementHandle statement;  ///< rows in binary form
  ResultHandle rows;          ///< rows as text
};

/// Bytes that LOAD DATA LOCAL is given in place of a file.
struct LocalFile {
  std::string_view bytes;
  bool offered = false;  ///< a load of ours is under way; else nothing is given
};

/// Threads: one at a time, except cancel().
class Session {
 public:
  /// Errors: cannot_open.
  static Result<std::shared_ptr<Session>> open(const Target& target);
  ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  MYSQL* handle() const { return handle_.get(); }
  const Target& target() const { return target_; }
  const std::string& engine() const { return engine_; }
  bool is_mariadb() const { return mysql_get_server_version(handle()) >= 100000; }

  /// Begins a call of the connector's interface: ends an open stream, and opens the connection
  /// anew where it was lost and no transaction with it. Errors: cancelled, database_error.
  Result<void> begin_call();
  /// The number of the current call; a stream of an earlier one is over.
  std::uint64_t call() const { return call_; }
  /// Rows are under way on the connection, until stream_ended().
  void stream_begins(Running running) { running_ = std::move(running); }
  Running& running() { return running_; }
  void stream_ended() { running_ = {}; }
  /// Stops the query on the server, reads what was sent of its rows and forgets it.
  void end_stream();

  void cancel() noexcept;
  void resume() noexcept;
  bool cancelled() const { return cancelled_.load(); }

  bool in_transaction() const;

  /// Runs a command that returns no rows, or drops them. \param text  what errors point into.
  Result<void> command(const std::string& sql, std::string_view text = {},
                       Stage stage = Stage::running);
  /// A query of our own.
  Result<TextRows> ask(const std::string& sql);
  /// The text as a literal of this session.
  std::string quoted(std::string_view text) const;

  /// The failure as a diagnostic; notes whether the connection is lost with it.
  Diagnostic failure(const Problem& problem, Stage stage, std::string_view text);

  /// Gathers what the server warned of in the last statement.
  void gather_warnings();
  Diagnostics take_notices() { return std::exchange(notices_, {}); }
  /// What became of the connection since the last call of this.
  Diagnostics take_news() { return std::exchange(news_, {}); }
  void add_warning(const std::string& message, const std::string& hint = {});

  LocalFile& local_file() { return local_file_; }
  /// Takes NO_BACKSLASH_ESCAPES out of sql_mode, with a warning: all that Quern writes has them.
  Result<void> keep_escapes();

 private:
  explicit Session(Target target) : target_(std::move(target)) {}
  Result<void> connect();
  Result<void> settle();
  Result<void> reconnect();
  void kill_query() noexcept;

  Target target_;
  std::string engine_;
  ConnectionHandle handle_;
  std::mutex cancel_lock_;               ///< held while KILL QUERY is sent
  std::atomic<unsigned long> number_{};  ///< of the connection, as the server counts
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> stray_kill_ = false;  ///< a KILL QUERY may still hit the next statement
  std::uint64_t call_ = 0;
  Running running_;
  bool lost_ = false;
  bool had_transaction_ = false;  ///< when it was last seen alive
  std::chrono::steady_clock::time_point last_call_;
  Diagnostics news_;
  Diagnostics notices_;
  LocalFile local_file_;
};

/// Calls `f` and turns whatever it throws into a diagnostic: nothing leaves the plug-in but
/// results.
template <typename F>
auto guarded(F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory in the MySQL connector"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("MySQL connector: ") + e.what()};
  }
}

}  // namespace quern::mysql
