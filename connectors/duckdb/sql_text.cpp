// A tokenizer for DuckDB's SQL, just good enough to put carets under the right bytes.

#include "connectors/duckdb/sql_text.h"

#include <algorithm>
#include <cctype>

#include "base/similar.h"

namespace quern::duckdb {
namespace {

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool is_word(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || c == '_' || c == '$' || u >= 0x80;
}

std::size_t skip_block_comment(std::string_view text, std::size_t at) {
  int depth = 0;
  do {
    if (text.substr(at, 2) == "/*") {
      ++depth;
      at += 2;
    } else if (text.substr(at, 2) == "*/") {
      --depth;
      at += 2;
    } else {
      ++at;
    }
  } while (depth > 0 && at < text.size());
  return std::min(at, text.size());
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (is_blank(text[at])) {
      ++at;
    } else if (text.substr(at, 2) == "--") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      at = skip_block_comment(text, at);
    } else {
      break;
    }
  }
  return at;
}

/// One past the closing quote; a doubled quote stands for itself, and so does an escaped one.
std::size_t end_of_quoted(std::string_view text, std::size_t at, bool escapes) {
  const char quote = text[at++];
  for (; at < text.size(); ++at) {
    if (escapes && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return text.size();
}

/// The length of a dollar quote's opening, such as $$ or $tag$; 0 where none begins.
std::size_t dollar_tag(std::string_view text, std::size_t at) {
  auto end = at + 1;
  while (end < text.size() && text[end] != '$' && is_word(text[end])) ++end;
  const bool digit = end > at + 1 && std::isdigit(static_cast<unsigned char>(text[at + 1])) != 0;
  return end < text.size() && text[end] == '$' && !digit ? end + 1 - at : 0;
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
  const bool number = std::isdigit(static_cast<unsigned char>(text[at])) != 0;
  while (at < text.size() && (is_word(text[at]) || (number && text[at] == '.'))) ++at;
  return at;
}

std::size_t end_of_token(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '\'' || c == '"') return end_of_quoted(text, at, false);
  const bool escape_string = (c == 'e' || c == 'E') && at + 1 < text.size() && text[at + 1] == '\'';
  if (escape_string) return end_of_quoted(text, at + 1, true);
  if (const auto tag = c == '$' ? dollar_tag(text, at) : 0; tag > 0) {
    const auto close = text.find(text.substr(at, tag), at + tag);
    return close == std::string_view::npos ? text.size() : close + tag;
  }
  if (is_word(c)) return end_of_word(text, at);
  for (const auto* symbol : {"::", "<=", ">=", "<>", "!=", "||", "->"}) {
    if (text.substr(at, 2) == symbol) return at + 2;
  }
  return at + 1;
}

bool is_name(std::string_view text, SourceSpan token) {
  if (token.size() == 0) return false;
  const char c = text[token.begin];
  return c == '"' || (is_word(c) && std::isdigit(static_cast<unsigned char>(c)) == 0);
}

std::string unquoted(std::string_view token) {
  if (token.size() < 2 || (token.front() != '"' && token.front() != '\''))
    return std::string(token);
  std::string out;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    out += token[i];
    if (token[i] == token.front()) ++i;
  }
  return out;
}

/// Joins `token` with the parts of the dotted name that follow it directly.
SourceSpan with_dotted_parts(std::string_view text, SourceSpan token) {
  while (is_name(text, token) && token.end + 1 < text.size() && text[token.end] == '.') {
    const auto part = next_token(text, token.end + 1);
    if (part.begin != token.end + 1 || !is_name(text, part)) break;
    token.end = part.end;
  }
  return token;
}

}  // namespace

SourceSpan next_token(std::string_view text, std::size_t from) {
  const auto begin = skip_blanks(text, std::min(from, text.size()));
  if (begin >= text.size()) return {text.size(), text.size()};
  return {begin, std::min(end_of_token(text, begin), text.size())};
}

SourceSpan token_at(std::string_view text, std::size_t position) {
  position = std::min(position, text.size());
  for (auto token = next_token(text, 0); token.size() > 0; token = next_token(text, token.end)) {
    if (token.begin > position) break;
    if (token.end > position) return with_dotted_parts(text, token);
  }
  return {position, position};
}

SourceSpan find_name(std::string_view text, std::string_view name) {
  for (auto token = next_token(text, 0); token.size() > 0; token = next_token(text, token.end)) {
    if (equal_ignoring_case(unquoted(text.substr(token.begin, token.size())), name)) return token;
  }
  return SourceSpan::none();
}

std::string leading_words(std::string_view text, int limit) {
  std::string words;
  auto token = next_token(text, 0);
  for (; limit > 0 && is_name(text, token) && text[token.begin] != '"'; --limit) {
    if (!words.empty()) words += ' ';
    for (const char c : text.substr(token.begin, token.size())) {
      words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    token = next_token(text, token.end);
  }
  return words;
}

bool has_several_statements(std::string_view text) {
  bool ended = false;
  for (auto token = next_token(text, 0); token.size() > 0; token = next_token(text, token.end)) {
    const bool semicolon = text[token.begin] == ';';
    if (ended && !semicolon) return true;
    ended = ended || semicolon;
  }
  return false;
}

std::vector<std::string> split_name(std::string_view name) {
  std::vector<std::string> parts;
  for (auto token = next_token(name, 0); is_name(name, token);
       token = next_token(name, token.end + 1)) {
    parts.push_back(unquoted(name.substr(token.begin, token.size())));
    if (token.end >= name.size() || name[token.end] != '.') break;
  }
  return parts;
}

}  // namespace quern::duckdb
