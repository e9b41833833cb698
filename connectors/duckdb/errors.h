#pragma once
// DuckDB's errors as diagnostics: its words, without its drawing, and the place in the text they
// are about.

#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace quern::duckdb {

/// When an error came up; some kinds mean something else then.
enum class Stage : std::uint8_t { before_running, running };

/// What DuckDB was given: the user's text, and what was put around it.
struct Source {
  std::string_view text;   ///< all of it; "" where no span shall point anywhere
  std::size_t before = 0;  ///< bytes in front of the user's
  std::size_t after = 0;   ///< bytes behind the user's
  std::string_view users() const { return text.substr(before, text.size() - before - after); }
};

/// Makes a diagnostic of DuckDB's own error text, which is JSON where the session has
/// errors_as_json on. Its span points into the user's text. Codes: database_rejected_query,
/// database_error, read_only, cancelled, out_of_memory.
Diagnostic diagnose(std::string_view words, Stage stage, const Source& source);
/// The same of a text that DuckDB was given as it is; "" for none.
inline Diagnostic diagnose(std::string_view words, Stage stage, std::string_view sql) {
  return diagnose(words, stage, Source{sql});
}

/// Makes the diagnostic of a database file that does not open: cannot_open, with the process that
/// holds the lock where DuckDB names one.
Diagnostic diagnose_open(std::string_view words, const std::string& file);

/// The process that holds a file's lock, from DuckDB's words: "/usr/bin/duckdb (PID 7)". "" for
/// other errors.
std::string lock_holder(std::string_view words);

/// What is wrong with the rows of a table that is made anew, where one of its indexes says so.
Diagnostics unsuitable_index(const std::string& statement, Diagnostics errors);

/// What a statement that was stopped fails with.
Diagnostic cancelled_diagnostic();

}  // namespace quern::duckdb
