#pragma once
// Quern as a library: open a session, run a script, hear of its results. Front ends use only this and
// the vocabulary in base/.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/compiled.hpp"
#include "api/completion.h"
#include "api/export.h"
#include "api/observer.hpp"
#include "api/parameters.hpp"
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
  /// Values of `?` and `$1`, put in as literals; none: both are left to the database. Errors:
  /// unknown_variable, variable_value where one is missing, left over or has no form there.
  Parameters parameters = {};
  NamedParameters named = {};
};

/// What became of a script.
struct RunSummary {
  std::size_t statements = 0;   ///< in the script
  std::size_t failed = 0;       ///< of them
  std::size_t not_checked = 0;  ///< of them, in a dry run
  std::size_t problems = 0;     ///< found in the text alone: then no statement was begun
  bool ok() const { return failed == 0 && problems == 0; }
};

/// A line of a log. Called where the statement runs: for query(), in a thread of its own.
using Log = std::function<void(Severity, std::string_view)>;

class Model;
class Rows;

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

  /// Begins one statement whose rows the caller fetches (api/rows.hpp). Errors: those it fails with
  /// before its rows; syntax_error where the text is not one statement.
  Result<Rows> query(std::string_view statement, const Parameters& parameters = {},
                     const NamedParameters& named = {});

  /// Binds one statement and plans it; nothing is run. Errors: those of binding, as query().
  Result<Compiled> compile(std::string_view statement, const Parameters& parameters = {},
                           const NamedParameters& named = {});

  /// Has a line written for each statement that begins and ends, and for each problem, whoever runs
  /// it; an empty function: no more.
  void set_log(Log log);

  /// `SET quern.<name> = <value>`: "threads", "kernel", "fetch_connections", "model_store".
  /// Errors: unknown_setting, attribute_type, attribute_range, those of SET.
  Result<void> set(const std::string& name, const std::string& value);

  /// What a setting is, as set() takes it; "threads" is 0 for all cores. Errors: unknown_setting.
  Result<std::string> setting(const std::string& name);

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

  /// Has a thread read the catalog where a statement may have changed it, for a front end that waits
  /// for keys: from then on complete() and inspect() wait a few milliseconds for it at most, and say
  /// what is known. A statement that begins stops it.
  void prepare_completion() noexcept;
  /// What could be written at `cursor`, a byte of `text`. Cost: below 10 ms, but without
  /// prepare_completion() for the first one after a statement that may have changed the catalog.
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
