#pragma once
// A statement while it is typed, cut into pieces: for colours, matching brackets and completion. It
// must answer at each key and for text that is unfinished or wrong, so it is not the parser's
// lexer, which reads four megabytes a second and may refuse.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/dialect.h"
#include "base/span.h"

namespace quern {

enum class TextPartKind : std::uint8_t {
  word,     ///< a name, or a keyword that is not known here
  keyword,  ///< of SQL
  clause,   ///< of ours: TO, its verb and the words of its clauses; SHOW MODELS and the like
  name,     ///< in the dialect's quotes for names
  string,
  number,
  comment,
  symbol,  ///< one character
};

struct TextPart {
  TextPartKind kind = TextPartKind::symbol;
  SourceSpan span;
  bool closed = true;  ///< false: a quote or comment that goes on to the end of the text
};

/// All of `text` but white space, in order. Never fails: bytes that are no UTF-8 count as letters.
/// Cost: linear, some 100 MB a second.
std::vector<TextPart> text_parts(std::string_view text, Dialect dialect);

}  // namespace quern
