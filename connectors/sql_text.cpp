// A tokenizer for the SQL of all databases, just good enough to put carets under the right bytes.

#include "connectors/sql_text.h"

#include <algorithm>
#include <cctype>

#include "base/similar.h"

namespace quern::sql {
namespace {

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

bool is_word(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || c == '_' || c == '$' || u >= 0x80;
}

/// PostgreSQL and what follows it: comments nest, dollars quote.
bool is_postgres_like(Dialect dialect) {
  return dialect == Dialect::duckdb || dialect == Dialect::postgres;
}

/// What the quote opens is a string or a quoted name.
bool is_quote(char c, Dialect dialect) {
  if (c == '\'' || c == '"') return true;
  return c == '`' && (dialect == Dialect::mysql || dialect == Dialect::sqlite);
}

/// The quote is that of a name, as far as the text alone tells.
bool quotes_name(char c, Dialect dialect) {
  return c == (dialect == Dialect::mysql ? '`' : '"') || (c == '`' && is_quote(c, dialect));
}

/// Where tokens of a text begin and end.
class Reader {
 public:
  Reader(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}

  std::size_t skip_blanks(std::size_t at) const {
    while (at < text_.size()) {
      if (is_blank(text_[at])) {
        ++at;
      } else if (opens_line_comment(at)) {
        at = std::min(text_.find('\n', at), text_.size());
      } else if (text_.substr(at, 2) == "/*" && !opens_executed_comment(at)) {
        at = skip_block_comment(at);
      } else {
        break;
      }
    }
    return at;
  }

  std::size_t end_of_token(std::size_t at) const {
    const char c = text_[at];
    if (opens_executed_comment(at)) return skip_block_comment(at);
    if (is_quote(c, dialect_)) return end_of_quoted(at, c != '`' && dialect_ == Dialect::mysql);
    if (c == '[' && dialect_ == Dialect::sqlite)
      return std::min(text_.find(']', at), text_.size() - 1) + 1;
    const bool escape_string = is_postgres_like(dialect_) && (c == 'e' || c == 'E') &&
                               at + 1 < text_.size() && text_[at + 1] == '\'';
    if (escape_string) return end_of_quoted(at + 1, true);
    if (const auto tag = dollar_tag(at); tag > 0) {
      const auto close = text_.find(text_.substr(at, tag), at + tag);
      return close == std::string_view::npos ? text_.size() : close + tag;
    }
    if (is_word(c)) return end_of_word(at);
    for (const auto* symbol : {"::", "<=", ">=", "<>", "!=", "||", "->"}) {
      if (text_.substr(at, 2) == symbol) return at + 2;
    }
    return at + 1;
  }

 private:
  bool opens_line_comment(std::size_t at) const {
    if (text_[at] == '#') return dialect_ == Dialect::mysql;
    if (text_.substr(at, 2) != "--") return false;
    // In MySQL two dashes open a comment only in front of white space: 5--3 is 8.
    return dialect_ != Dialect::mysql || at + 2 >= text_.size() || is_blank(text_[at + 2]);
  }

  /// MySQL and MariaDB run what stands in /*! ... */ and /*M! ... */: no blank, but a token.
  bool opens_executed_comment(std::size_t at) const {
    return dialect_ == Dialect::mysql &&
           (text_.substr(at, 3) == "/*!" || text_.substr(at, 4) == "/*M!");
  }

  std::size_t skip_block_comment(std::size_t at) const {
    int depth = 0;
    do {
      if (text_.substr(at, 2) == "/*" && (depth == 0 || is_postgres_like(dialect_))) {
        ++depth;
        at += 2;
      } else if (text_.substr(at, 2) == "*/") {
        --depth;
        at += 2;
      } else {
        ++at;
      }
    } while (depth > 0 && at < text_.size());
    return std::min(at, text_.size());
  }

  /// One past the closing quote; a doubled quote stands for itself, and so does an escaped one.
  std::size_t end_of_quoted(std::size_t at, bool escapes) const {
    const char quote = text_[at++];
    for (; at < text_.size(); ++at) {
      if (escapes && text_[at] == '\\') {
        ++at;
      } else if (text_[at] == quote) {
        if (at + 1 >= text_.size() || text_[at + 1] != quote) return at + 1;
        ++at;
      }
    }
    return text_.size();
  }

  /// The length of a dollar quote's opening, such as $$ or $tag$; 0 where none begins.
  std::size_t dollar_tag(std::size_t at) const {
    if (text_[at] != '$' || !is_postgres_like(dialect_)) return 0;
    auto end = at + 1;
    while (end < text_.size() && text_[end] != '$' && is_word(text_[end])) ++end;
    const bool digit = end > at + 1 && is_digit(text_[at + 1]);
    return end < text_.size() && text_[end] == '$' && !digit ? end + 1 - at : 0;
  }

  std::size_t end_of_word(std::size_t at) const {
    const bool number = is_digit(text_[at]);
    while (at < text_.size() && (is_word(text_[at]) || (number && text_[at] == '.'))) ++at;
    return at;
  }

  std::string_view text_;
  Dialect dialect_;
};

bool is_name(std::string_view text, SourceSpan token, Dialect dialect) {
  if (token.size() == 0) return false;
  const char c = text[token.begin];
  return quotes_name(c, dialect) || (is_word(c) && !is_digit(c));
}

std::string unquoted(std::string_view token) {
  if (token.size() < 2 || std::string_view("\"'`").find(token.front()) == std::string_view::npos)
    return std::string(token);
  std::string out;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    out += token[i];
    if (token[i] == token.front()) ++i;
  }
  return out;
}

/// Joins `token` with the parts of the dotted name that follow it directly.
SourceSpan with_dotted_parts(std::string_view text, SourceSpan token, Dialect dialect) {
  while (is_name(text, token, dialect) && token.end + 1 < text.size() && text[token.end] == '.') {
    const auto part = next_token(text, token.end + 1, dialect);
    if (part.begin != token.end + 1 || !is_name(text, part, dialect)) break;
    token.end = part.end;
  }
  return token;
}

}  // namespace

SourceSpan next_token(std::string_view text, std::size_t from, Dialect dialect) {
  const Reader reader(text, dialect);
  const auto begin = reader.skip_blanks(std::min(from, text.size()));
  if (begin >= text.size()) return {text.size(), text.size()};
  return {begin, std::min(reader.end_of_token(begin), text.size())};
}

SourceSpan token_at(std::string_view text, std::size_t position, Dialect dialect) {
  position = std::min(position, text.size());
  for (auto token = next_token(text, 0, dialect); token.size() > 0;
       token = next_token(text, token.end, dialect)) {
    if (token.begin > position) break;
    if (token.end > position) return with_dotted_parts(text, token, dialect);
  }
  return {position, position};
}

SourceSpan find_name(std::string_view text, std::string_view name, Dialect dialect) {
  for (auto token = next_token(text, 0, dialect); token.size() > 0;
       token = next_token(text, token.end, dialect)) {
    if (equal_ignoring_case(unquoted(text.substr(token.begin, token.size())), name)) return token;
  }
  return SourceSpan::none();
}

std::string leading_words(std::string_view text, int limit, Dialect dialect) {
  std::string words;
  auto token = next_token(text, 0, dialect);
  for (; limit > 0 && is_name(text, token, dialect) && is_word(text[token.begin]); --limit) {
    if (!words.empty()) words += ' ';
    for (const char c : text.substr(token.begin, token.size())) {
      words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    token = next_token(text, token.end, dialect);
  }
  return words;
}

bool has_several_statements(std::string_view text, Dialect dialect) {
  bool ended = false;
  for (auto token = next_token(text, 0, dialect); token.size() > 0;
       token = next_token(text, token.end, dialect)) {
    const bool semicolon = text[token.begin] == ';';
    if (ended && !semicolon) return true;
    ended = ended || semicolon;
  }
  return false;
}

std::string_view without_end(std::string_view text, Dialect dialect) {
  std::size_t end = 0;
  for (auto token = next_token(text, 0, dialect); token.size() > 0;
       token = next_token(text, token.end, dialect)) {
    if (text[token.begin] != ';') end = token.end;
  }
  return text.substr(0, end);
}

std::vector<std::string> split_name(std::string_view name, Dialect dialect) {
  std::vector<std::string> parts;
  for (auto token = next_token(name, 0, dialect); is_name(name, token, dialect);
       token = next_token(name, token.end + 1, dialect)) {
    parts.push_back(unquoted(name.substr(token.begin, token.size())));
    if (token.end >= name.size() || name[token.end] != '.') break;
  }
  return parts;
}

}  // namespace quern::sql
