#pragma once
// What went wrong, as data. Made where the fault is known, drawn only by front ends.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"

namespace quern {

/// One enumerator per line of error_codes.def, with the number as its value.
enum class Code : std::uint16_t {
#define QUERN_ERROR(number, name, title) name,
#include "base/error_codes.def"
#undef QUERN_ERROR
};

/// The number users see and search for, such as "Q2003".
std::string_view code_number(Code code);

/// The short title of the code, lower case.
std::string_view code_title(Code code);

enum class Severity : std::uint8_t { error, warning, note };

struct Note {
  SourceSpan span;
  std::string message;
  friend bool operator==(const Note&, const Note&) = default;
};

/// Everything a front end needs to show one problem. Plain data: no I/O, no colour.
struct Diagnostic {
  Code code = Code::internal;
  std::string message;  ///< lower case, no full stop, found and expected, the run-time fact last
  SourceSpan span = SourceSpan::none();  ///< bytes of the text given to the session
  std::string hint = {};                 ///< what to do about it; may be empty
  std::vector<Note> notes = {};
  Severity severity = Severity::error;
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// Problems in the order they were found; never empty where it stands for a failure.
using Diagnostics = std::vector<Diagnostic>;

/// Moves every span of `d` by `offset` bytes, notes included.
void shift_spans(Diagnostic& d, std::size_t offset);

/// Draws `d` against the text its span points into, as language.md's "Errors" shows it:
/// code and message, `--> source:line:column`, the line with carets, notes, help. Ends in a
/// newline. Columns count code points from 1, carets display_width(). `source`: a file or
/// "<input>".
std::string render(const Diagnostic& d, std::string_view text, std::string_view source);

}  // namespace quern
