#pragma once
// Quern as a library: open a session, run a script, hear of its results. Front ends use only this and
// the vocabulary in base/.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/column.h"
#include "base/diagnostic.h"
#include "base/format.h"
#include "base/progress.h"
#include "base/result.h"

#define QUERN_API __attribute__((visibility("default")))

namespace quern {

struct SessionOptions {
  std::string uri;  ///< "duckdb:path", "duckdb::memory:"; "" is the default of docs/language.md
  int threads = 0;  ///< of the database; 0: its own default
};

/// How a statement ended.
struct Done {
  std::string message;        ///< "trained iris_model@1: ..."; "" after a query
  bool returned_rows = false;
  std::int64_t rows = 0;      ///< returned, written or changed
  double seconds = 0;
  std::optional<std::size_t> bars = {};  ///< a column of the rows that is worth a bar chart
};

/// Hears what a script does, in order, in the thread that runs it. Spans point into the script.
class QUERN_API Observer {
 public:
  virtual ~Observer();
  virtual void on_schema(const Schema& schema);          ///< a statement begins to return rows
  virtual void on_batch(const ColumnBatch& batch);       ///< some of them
  virtual void on_done(const Done& done);                ///< the statement ended well
  virtual void on_diagnostic(const Diagnostic& problem); ///< an error, a warning or a note
  virtual void on_progress(const Progress& progress);    ///< often; must return at once
};

/// One session on one database.
///
/// Threads: one at a time, except cancel(). No exception leaves a member.
class QUERN_API Session {
 public:
  /// Errors: cannot_open, unknown_scheme, plugin_missing, not_in_this_version.
  static Result<Session> open(const SessionOptions& options);

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Runs the statements of a script, one after another; false as soon as one fails. The whole script
  /// is checked for syntax and attributes first: then nothing runs and every problem is reported.
  bool run(std::string_view script, Observer& observer);

  /// Stops the statement that is running; it fails with `cancelled`. Threads: any.
  void cancel() noexcept;

  /// True where `text` ends inside a statement: a prompt then asks for another line.
  bool needs_more_input(std::string_view text) const;

  /// The database: "DuckDB 1.4.4".
  std::string engine() const;

 private:
  class Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The version of the library: "0.1.0".
QUERN_API const char* library_version();

}  // namespace quern
