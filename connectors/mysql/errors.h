#pragma once
// The server's errors as diagnostics: its words, its number and state, and the place in the text
// they are about.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "connectors/mysql/handles.h"

namespace quern::mysql {

/// When an error came up; most of them mean that the text is wrong as long as nothing ran.
enum class Stage : std::uint8_t { before_running, running };

/// An error as the library gives it.
struct Problem {
  unsigned int number = 0;
  std::string state;
  std::string words;
};
Problem problem_of(MYSQL* connection);
Problem problem_of(MYSQL_STMT* statement);

/// The connection is gone.
bool is_lost(const Problem& problem);
/// The statement was stopped: KILL QUERY, or a limit of time of the server's.
bool is_interrupt(const Problem& problem);
/// The statement cannot be prepared, but sent as text.
bool is_not_preparable(const Problem& problem);

/// \param text  the user's, which the span points into; "" for a command of our own. The server
/// tells a line and the words that it cannot read, or a name: the place is where that is found.
/// Codes: database_rejected_query, database_error, read_only, write_conflict, out_of_memory.
Diagnostic diagnose(const Problem& problem, Stage stage, std::string_view text);

/// What a statement that was stopped fails with.
Diagnostic cancelled_diagnostic();

}  // namespace quern::mysql
