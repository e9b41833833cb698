#pragma once
// Quern as a library: open a session, run a script, hear of its results. Front ends use only this and
// the vocabulary in base/.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/completion.h"
#include "api/export.h"
#include "api/text_parts.h"
#include "base/column.h"
#include "base/diagnostic.h"
#include "base/display_width.h"
#include "base/format.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/secrets.h"

namespace quern {

struct SessionOptions {
  std::string uri;  ///< "duckdb:path", "duckdb::memory:"; "" is the default of docs/language.md
  int threads = 0;  ///< of the database and of trainings; 0: their own defaults
  /// A folder for code that long predictions compile, so that it is compiled once; made where it is
  /// missing, for this user alone. "": none is kept.
  std::string code_cache = {};
};

/// How a script is run.
struct RunOptions {
  bool keep_going = false;  ///< later statements run after a failed one; a cancelled one ends the run
  bool dry_run = false;     ///< every statement is bound and described, none is run
  bool view_commands = false;  ///< the observer carries out `\x` and its like: on_command()
  /// Of the script, in messages; `\i` looks beside the file of this name. "<...>" is no file.
  std::string name = "<script>";
};

/// What became of a script.
struct RunSummary {
  std::size_t statements = 0;   ///< in the script
  std::size_t failed = 0;       ///< of them
  std::size_t not_checked = 0;  ///< of them, in a dry run
  std::size_t problems = 0;     ///< found in the text alone: then no statement was begun
  bool ok() const { return failed == 0 && problems == 0; }
};

/// A statement that begins; they are numbered from 1.
struct StatementStart {
  std::size_t number = 1;
  SourceSpan span;
};

/// What the rows of a report are best drawn as.
enum class Chart : std::uint8_t { none, confusion, roc, precision_recall, calibration, attributions };

/// How a statement ended.
struct Done {
  std::string message;        ///< "trained iris_model@1: ..."; "" after a query
  bool returned_rows = false;
  std::int64_t rows = 0;      ///< returned, written or changed
  double seconds = 0;
  std::optional<std::size_t> bars = {};  ///< a column of the rows that is worth a bar chart
  Chart chart = Chart::none;             ///< of rows that were returned
};

/// Hears what a script does, in order, in the thread that runs it. Spans point into the script as it was
/// written, or into a file that it includes: on_source() says which.
class QUERN_API Observer {
 public:
  virtual ~Observer();
  /// Where spans point from now on; both live as long as the run. Heard first of all.
  virtual void on_source(std::string_view name, std::string_view text);
  virtual void on_echo(std::string_view words);            ///< `\echo words`
  /// A backslash command of how rows are shown, in its turn; what fails ends the script.
  virtual Result<void> on_command(const std::string& name, const std::vector<std::string>& words);
  virtual void on_statement(const StatementStart& start);  ///< heard before anything else of it
  virtual void on_schema(const Schema& schema);          ///< a statement begins to return rows
  virtual void on_batch(const ColumnBatch& batch);       ///< some of them
  virtual void on_done(const Done& done);                ///< the statement ended well
  virtual void on_failed(double seconds);                ///< it ended badly; its errors were heard before
  virtual void on_diagnostic(const Diagnostic& problem); ///< an error, a warning or a note
  virtual void on_progress(const Progress& progress);    ///< often; must return at once
};

class Model;

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
  /// Variables and backslash commands are those of docs/language.md; what `\set` sets stays set.
  bool run(std::string_view script, Observer& observer);
  /// The same, and what came of it.
  RunSummary run(std::string_view script, Observer& observer, const RunOptions& options);

  /// Gives `:name` a value in the scripts to come. Errors: bad_command for what cannot be a name.
  Result<void> set_variable(const std::string& name, const std::string& value);

  /// Reads a model of the store for single rows (api/model.hpp). \param name  as USING takes it: "m",
  /// "schema.m@2". Errors: bad_model_call (no name), unknown_model, corrupt_model, model_too_new,
  /// not_in_this_version, those of the database.
  Result<Model> model(const std::string& name);

  /// Stops the statement that is running; it fails with `cancelled`. Threads: any.
  void cancel() noexcept;

  /// True where `text` ends inside a statement: a prompt then asks for another line.
  bool needs_more_input(std::string_view text) const;

  /// What could be written at `cursor`, a byte of `text`. Cost: below 10 ms, but for the first one
  /// after a statement that may have changed the catalog, which is read then.
  Completion complete(std::string_view text, std::size_t cursor);
  /// What the word at `cursor` means.
  Inspection inspect(std::string_view text, std::size_t cursor);
  /// The pieces of a text, for colours.
  std::vector<TextPart> parts(std::string_view text) const;
  /// What `\set` gave a variable.
  std::optional<std::string> variable(const std::string& name) const;

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
