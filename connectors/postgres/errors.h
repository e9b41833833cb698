#pragma once
// The server's errors as diagnostics: its words, its code, and the place in the text they are
// about.

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace quern::postgres {

/// When an error came up; most of them mean that the text is wrong as long as nothing ran.
enum class Stage : std::uint8_t { before_running, running };

/// The text that a failed command was made of.
struct Source {
  std::string_view text = {};  ///< the user's, which spans point into; "" for a command of our own
  std::size_t before = 0;      ///< bytes, all ASCII, that the command has before it
};

/// Codes: database_rejected_query, database_error, read_only, write_conflict, out_of_memory,
/// cancelled.
Diagnostic diagnose(const PGresult* result, Stage stage, const Source& source);

/// Of a connection that does not work, in libpq's words.
Diagnostic diagnose_connection(const PGconn* connection);

/// A notice or warning of the server's as a note.
Diagnostic notice(const PGresult* result);

/// What a statement that was stopped fails with.
Diagnostic cancelled_diagnostic();

}  // namespace quern::postgres
