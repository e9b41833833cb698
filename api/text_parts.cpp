// Reading by hand: quotes, comments, words, numbers; then which words are keywords, and whose.

#include "api/text_parts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/similar.h"

namespace quern {
namespace {

/// In order.
constexpr std::array<std::string_view, 108> kKeywords{
    "ALL",       "ALTER",     "ANALYZE",     "AND",      "ANTI",      "ANY",        "AS",
    "ASC",       "ASOF",      "ATTACH",      "BEGIN",    "BETWEEN",   "BY",         "CASE",
    "CAST",      "CHECK",     "COMMIT",      "COPY",     "CREATE",    "CROSS",      "DATABASE",
    "DEFAULT",   "DELETE",    "DESC",        "DESCRIBE", "DETACH",    "DISTINCT",   "DROP",
    "ELSE",      "END",       "EXCEPT",      "EXCLUDE",  "EXISTS",    "EXPLAIN",    "FALSE",
    "FILTER",    "FOREIGN",   "FROM",        "FULL",     "FUNCTION",  "GRANT",      "GROUP",
    "HAVING",    "IF",        "ILIKE",       "IN",       "INDEX",     "INNER",      "INSERT",
    "INTERSECT", "INTERVAL",  "INTO",        "IS",       "JOIN",      "KEY",        "LATERAL",
    "LEFT",      "LIKE",      "LIMIT",       "NATURAL",  "NOT",       "NULL",       "NULLS",
    "OFFSET",    "ON",        "OR",          "ORDER",    "OUTER",     "OVER",       "PARTITION",
    "PIVOT",     "PRAGMA",    "PRIMARY",     "QUALIFY",  "RECURSIVE", "REFERENCES", "RENAME",
    "REPLACE",   "RETURNING", "REVOKE",      "RIGHT",    "ROLLBACK",  "ROWS",       "SAMPLE",
    "SCHEMA",    "SELECT",    "SEMI",        "SET",      "SHOW",      "TABLE",      "TEMP",
    "TEMPORARY", "THEN",      "TRANSACTION", "TRUE",     "TRUNCATE",  "UNION",      "UNIQUE",
    "UPDATE",    "USE",       "USING",       "VALUES",   "VIEW",      "WHEN",       "WHERE",
    "WINDOW",    "WITH",      "WITHIN"};
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));

constexpr std::array<std::string_view, 7> kVerbs{"TRAIN", "PREDICT",  "EVALUATE", "EXPLAIN",
                                                 "RUN",   "MAXIMIZE", "MINIMIZE"};
constexpr std::array<std::string_view, 8> kClauses{"WITH",  "COLUMN", "FOR",        "LABEL",
                                                   "USING", "INTO",   "CONSTRAINT", "CMD"};
constexpr std::array<std::string_view, 7> kBeforeModel{"SHOW",   "DESCRIBE", "DROP", "EXPORT",
                                                       "IMPORT", "VERIFY",   "SET"};
constexpr std::array<std::string_view, 5> kBehindShow{"MODEL", "MODELS", "TRAIN", "TRIALS",
                                                      "ATTRIBUTES"};

template <typename Words>
bool among(const Words& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [&](auto known) { return equal_ignoring_case(known, word); });
}

bool is_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte | 0x20U) - 'a' < 26U || c == '_' || byte >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Cuts; knows nothing of keywords.
class Cutter {
 public:
  Cutter(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}

  std::vector<TextPart> cut() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) <= ' ')
        ++at_;
      else
        take(c);
    }
    return std::move(parts_);
  }

 private:
  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool mysql() const { return dialect_ == Dialect::mysql; }
  bool nests() const { return dialect_ == Dialect::duckdb || dialect_ == Dialect::postgres; }

  void take(char c) {
    if (c == '-' && peek(1) == '-') return line_comment();
    if (c == '#' && mysql()) return line_comment();
    if (c == '/' && peek(1) == '*') return block_comment();
    if (c == '\'') return quoted(c, TextPartKind::string);
    if (c == '"') return quoted(c, mysql() ? TextPartKind::string : TextPartKind::name);
    if (c == '`') return quoted(c, TextPartKind::name);
    if (c == '$' && nests() && dollar_quoted()) return;
    if (is_digit(c) || (c == '.' && is_digit(peek(1)) && !behind_word())) return number();
    if (is_letter(c)) return word();
    add(TextPartKind::symbol, at_ + 1);
  }

  /// `t.1`, as some databases name columns, is no number.
  bool behind_word() const {
    return at_ > 0 && (is_letter(text_[at_ - 1]) || text_[at_ - 1] == '"');
  }

  void add(TextPartKind kind, std::size_t end, bool closed = true) {
    parts_.push_back({kind, {at_, end}, closed});
    at_ = end;
  }

  void line_comment() { add(TextPartKind::comment, std::min(text_.find('\n', at_), text_.size())); }

  void block_comment() {
    std::size_t depth = 1;
    for (auto i = at_ + 2; i + 1 < text_.size(); ++i) {
      const bool closes = text_[i] == '*' && text_[i + 1] == '/';
      const bool opens = nests() && text_[i] == '/' && text_[i + 1] == '*';
      if (!closes && !opens) continue;
      depth = opens ? depth + 1 : depth - 1;
      ++i;
      if (depth == 0) return add(TextPartKind::comment, i + 1);
    }
    add(TextPartKind::comment, text_.size(), false);
  }

  bool escapes() const {
    const bool extended =
        !parts_.empty() && parts_.back().span.end == at_ &&
        equal_ignoring_case(text_.substr(parts_.back().span.begin, parts_.back().span.size()), "e");
    return mysql() || (extended && nests());
  }

  void quoted(char quote, TextPartKind kind) {
    const bool backslash = kind == TextPartKind::string && escapes();
    for (auto i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\' && backslash) {
        ++i;
      } else if (text_[i] == quote) {
        if (i + 1 < text_.size() && text_[i + 1] == quote)
          ++i;
        else
          return add(kind, i + 1);
      }
    }
    add(kind, text_.size(), false);
  }

  bool dollar_quoted() {
    auto end = at_ + 1;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    if (end == text_.size() || text_[end] != '$' || is_digit(text_[at_ + 1])) return false;
    const auto tag = text_.substr(at_, end + 1 - at_);
    const auto close = text_.find(tag, end + 1);
    const bool closed = close != std::string_view::npos;
    add(TextPartKind::string, closed ? close + tag.size() : text_.size(), closed);
    return true;
  }

  void number() {
    auto end = at_;
    while (end < text_.size() && (is_digit(text_[end]) || is_letter(text_[end]) ||
                                  text_[end] == '.' || signs_exponent(end)))
      ++end;
    add(TextPartKind::number, end);
  }
  bool signs_exponent(std::size_t at) const {
    return (text_[at] == '-' || text_[at] == '+') && at > at_ && (text_[at - 1] | 0x20) == 'e' &&
           at + 1 < text_.size() && is_digit(text_[at + 1]);
  }

  void word() {
    auto end = at_ + 1;
    while (end < text_.size() &&
           (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '$'))
      ++end;
    add(TextPartKind::word, end);
  }

  std::string_view text_;
  Dialect dialect_;
  std::size_t at_ = 0;
  std::vector<TextPart> parts_;
};

/// Says which words are keywords, statement by statement.
class Marker {
 public:
  Marker(std::string_view text, std::vector<TextPart>& parts) : text_(text), parts_(parts) {}

  void mark() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      auto& part = parts_[i];
      if (part.kind == TextPartKind::comment) continue;
      const auto word = of(part);
      if (part.kind == TextPartKind::symbol) {
        symbol(word.front());
      } else if (part.kind == TextPartKind::word) {
        part.kind = kind_of(i, word);
      }
      if (word != ";") ++position_;
    }
  }

 private:
  std::string_view of(const TextPart& part) const {
    return text_.substr(part.span.begin, part.span.size());
  }

  void symbol(char c) {
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
    if (c == ';' && (depth_ == 0 || verb_)) begin_statement();
  }

  void begin_statement() {
    position_ = 0;
    depth_ = 0;
    verb_ = false;
    first_ = {};
  }

  TextPartKind kind_of(std::size_t i, std::string_view word) {
    if (position_ == 0) first_ = word;
    if (i > 0 && of(parts_[i - 1]) == ".") return TextPartKind::word;
    if (position_ == 1 && among(kBeforeModel, first_) && among(kBehindShow, word)) {
      parts_[i - 1].kind = TextPartKind::clause;
      return TextPartKind::clause;
    }
    if (depth_ == 0 && !verb_ && opens_clause(i, word)) {
      verb_ = true;
      parts_[i + 1].kind = TextPartKind::clause;
      return TextPartKind::clause;
    }
    if (depth_ == 0 && verb_ && among(kClauses, word)) return TextPartKind::clause;
    return !verb_ && is_keyword(word) ? TextPartKind::keyword : TextPartKind::word;
  }

  static bool is_keyword(std::string_view word) {
    std::array<char, 12> upper{};
    if (word.size() > upper.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
      upper[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[i])));
    return std::binary_search(kKeywords.begin(), kKeywords.end(),
                              std::string_view(upper.data(), word.size()));
  }

  /// TO before a verb, behind a query. The verb is marked with it: it is looked at next.
  bool opens_clause(std::size_t i, std::string_view word) {
    if (position_ == 0 || !equal_ignoring_case(word, "to") || i + 1 == parts_.size()) return false;
    static constexpr std::array<std::string_view, 6> kQueries{"SELECT", "WITH",  "FROM",
                                                              "VALUES", "TABLE", "EXPLAIN"};
    const bool query = among(kQueries, first_) || first_.empty();
    return query && parts_[i + 1].kind == TextPartKind::word && among(kVerbs, of(parts_[i + 1]));
  }

  std::string_view text_;
  std::vector<TextPart>& parts_;
  std::string_view first_;    ///< word of the statement; "" where it begins with a bracket
  std::size_t position_ = 0;  ///< in the statement
  std::size_t depth_ = 0;
  bool verb_ = false;  ///< behind TO and a verb
};

}  // namespace

std::vector<TextPart> text_parts(std::string_view text, Dialect dialect) {
  auto parts = Cutter(text, dialect).cut();
  Marker(text, parts).mark();
  return parts;
}

}  // namespace quern
