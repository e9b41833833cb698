// Where strings, names and comments end, per dialect. Works on bytes: every delimiter is ASCII, and
// no byte of a longer UTF-8 sequence is.

#include "parser/dialect_lexer.h"

namespace quern {

/// Moves the stream behind `end`, or to the end of the text when `end` is npos.
bool DialectLexer::stop_at(std::size_t end) {
  const bool found = end != std::string_view::npos;
  stream_.seek(found ? end : text().size());
  return found;
}

bool DialectLexer::close_quote(char quote, bool backslash) {
  const char stops[] = {quote, '\\'};
  const std::string_view searched(stops, backslash ? 2 : 1);
  auto at = text().find_first_of(searched, stream_.index());
  while (at != std::string_view::npos) {
    const bool pair = at + 1 < text().size() && text()[at + 1] == quote;
    if (text()[at] == quote && !pair) return stop_at(at + 1);
    at = text().find_first_of(searched, at + 2);
  }
  return stop_at(at);
}

bool DialectLexer::close_string() {
  return close_quote(text()[stream_.index() - 1], in_clause_ || dialect_ == Dialect::mysql);
}

bool DialectLexer::close_escape_string() {
  return close_quote('\'', in_clause_ || dialect_ != Dialect::sqlite);
}

bool DialectLexer::close_backtick() { return close_quote('`', false); }

/// The tag, `$$` or `$name$`, has just been read; the same tag closes.
bool DialectLexer::close_dollar_string() {
  const auto begin = tokenStartCharIndex;
  const auto tag = text().substr(begin, stream_.index() - begin);
  const auto end = text().find(tag, stream_.index());
  return stop_at(end == std::string_view::npos ? end : end + tag.size());
}

bool DialectLexer::close_comment() {
  if (dialect_ == Dialect::duckdb || is_postgres()) return close_nested_comment();
  const auto end = text().find("*/", stream_.index());
  return stop_at(end == std::string_view::npos ? end : end + 2);
}

bool DialectLexer::close_nested_comment() {
  std::size_t depth = 1;
  auto at = text().find_first_of("*/", stream_.index());
  for (; at != std::string_view::npos; at = text().find_first_of("*/", at)) {
    const auto pair = text().substr(at, 2);
    const bool opens = pair == "/*", closes = pair == "*/";
    if (opens) ++depth;
    if (closes && --depth == 0) return stop_at(at + 2);
    at += opens || closes ? 2 : 1;
  }
  return stop_at(at);
}

void DialectLexer::close_line() { stop_at(text().find_first_of("\r\n", stream_.index())); }

/// In MySQL two dashes open a comment only in front of white space: 5--3 is 8.
bool DialectLexer::is_dash_comment() {
  const auto next = stream_.index();
  if (dialect_ != Dialect::mysql || next == text().size()) return true;
  return static_cast<unsigned char>(text()[next]) <= ' ';
}

bool DialectLexer::is_executable_comment() {
  const auto next = text().substr(stream_.index(), 2);
  return dialect_ == Dialect::mysql && (next.substr(0, 1) == "!" || next == "M!");
}

}  // namespace quern
