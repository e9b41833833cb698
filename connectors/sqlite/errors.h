#pragma once
// SQLite's errors as diagnostics: its words, and the place in the text they are about.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace quern::sqlite {

/// When an error came up; SQLITE_ERROR means something else then.
enum class Stage : std::uint8_t { before_running, running };

/// What SQLite says of a failed call.
struct Fault {
  int code = 0;  ///< extended result code
  std::string words;
  int offset = -1;  ///< byte of the text, or -1: sqlite3_error_offset()
};

/// Codes: database_rejected_query, database_error, read_only, cancelled, out_of_memory,
/// write_conflict.
///
/// \param sql  the text that SQLite was given and the span shall point into; "" for none.
Diagnostic diagnose(const Fault& fault, Stage stage, std::string_view sql);

/// Makes the diagnostic of a file that does not open: cannot_open, with the reason where it can be
/// told.
Diagnostic diagnose_open(const Fault& fault, const std::string& path);

/// What a statement that was stopped fails with.
Diagnostic cancelled_diagnostic();

}  // namespace quern::sqlite
