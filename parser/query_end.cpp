// The rules about the neighbours of TO. Words are compared by text: to the lexer they are just
// words.

#include "parser/query_end.h"

#include <algorithm>
#include <array>
#include <string>

#include "QuernLexer.h"
#include "base/similar.h"
#include "parser/token_kinds.h"

namespace quern {
namespace {

using L = QuernLexer;

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](auto candidate) { return equal_ignoring_case(word, candidate); });
}

constexpr std::array<std::string_view, 5> query_words{"SELECT", "WITH", "FROM", "VALUES", "TABLE"};

/// Reserved words behind which a query must go on.
constexpr std::array<std::string_view, 42> unfinished_words{
    "SELECT",  "DISTINCT", "WHERE",     "AND",     "OR",      "NOT",     "ON",
    "HAVING",  "FROM",     "JOIN",      "BY",      "LIMIT",   "IN",      "LIKE",
    "ILIKE",   "BETWEEN",  "IS",        "AS",      "UNION",   "EXCEPT",  "WHEN",
    "THEN",    "ELSE",     "INTERSECT", "CASE",    "SIMILAR", "SET",     "USING",
    "WITH",    "INTO",     "XOR",       "DIV",     "REGEXP",  "RLIKE",   "ESCAPE",
    "COLLATE", "INNER",    "CROSS",     "QUALIFY", "LATERAL", "NATURAL", "RETURNING"};

/// Behind these an expression of SQL goes on: operators, casts and slices, and databases' own `@`.
bool expects_operand(std::size_t type) {
  return is_operator(type) || type == L::COLON || type == L::AT;
}

/// `SELECT *` and `t.*` end in a star; `a *` does not.
bool ends_in_star(std::string_view text, LexemeSpan lexemes) {
  if (lexemes.size() < 2) return false;
  const auto& before = lexemes[lexemes.size() - 2];
  if (before.type == L::DOT || before.type == L::COMMA) return true;
  return one_of(before.in(text), std::array<std::string_view, 3>{"SELECT", "DISTINCT", "ALL"});
}

/// Words with a meaning of their own behind TO in the databases; never a verb mistyped.
bool is_sql_unit(std::string_view word) {
  return one_of(word, std::array<std::string_view, 5>{"MONTH", "DAY", "HOUR", "MINUTE", "SECOND"});
}

bool opens_clause(std::size_t type) {
  return type == L::WITH || type == L::LABEL || type == L::USING || type == L::INTO;
}

/// True when one of our clause words follows outside brackets.
bool clause_follows(LexemeSpan lexemes) {
  int depth = 0;
  for (const auto& lexeme : lexemes) {
    if (lexeme.type == L::LPAREN) ++depth;
    if (lexeme.type == L::RPAREN) --depth;
    if (depth == 0 && opens_clause(lexeme.type)) return true;
  }
  return false;
}

std::string_view nearest_verb(std::string_view word) {
  static const std::vector<std::string> verbs{"TRAIN", "PREDICT",  "EVALUATE", "EXPLAIN",
                                              "RUN",   "MAXIMIZE", "MINIMIZE"};
  const auto found = nearest(word, verbs);
  const auto same = std::find(verbs.begin(), verbs.end(), found);
  return same == verbs.end() || is_sql_unit(word) ? std::string_view{} : std::string_view{*same};
}

/// Of `(FORMAT JSON)` and `FORMAT = JSON`, as PostgreSQL and MySQL write it; 0 without.
std::size_t format_size(LexemeSpan lexemes) {
  const auto is = [&](std::size_t at, std::size_t type) {
    return at < lexemes.size() && lexemes[at].type == type;
  };
  const auto named = [&](std::size_t at) { return at < lexemes.size() && is_word(lexemes[at]); };
  if (is(0, L::LPAREN) && is(1, L::FORMAT) && named(2) && is(3, L::RPAREN)) return 4;
  return is(0, L::FORMAT) && is(1, L::EQ) && named(2) ? 3 : 0;
}

}  // namespace

std::size_t form_begin(LexemeSpan lexemes) {
  if (lexemes.empty() || lexemes[0].type != L::EXPLAIN) return 0;
  const bool stage = lexemes.size() > 1 && lexemes[1].type >= L::AST && lexemes[1].type <= L::SQL;
  const std::size_t at = stage ? 2 : 1;
  return at + format_size(lexemes.subspan(at));
}

std::optional<std::size_t> query_begin(std::string_view text, LexemeSpan lexemes) {
  const auto at = form_begin(lexemes);
  if (at >= lexemes.size()) return std::nullopt;
  const auto& first = lexemes[at];
  const bool query = first.type == L::LPAREN || one_of(first.in(text), query_words);
  return query ? std::optional(at) : std::nullopt;
}

bool can_end_query(std::string_view text, LexemeSpan lexemes) {
  if (lexemes.empty()) return false;
  const auto& last = lexemes.back();
  if (last.type == L::STAR) return ends_in_star(text, lexemes);
  if (expects_operand(last.type)) return false;
  switch (last.type) {
    case L::COMMA:
    case L::DOT:
    case L::LPAREN:
    case L::LBRACKET:
    case L::LBRACE: return false;
    // An executable comment of MySQL can end a query; a lone operator character cannot.
    case L::OTHER: return last.end - last.begin > 1;
    default: break;
  }
  const bool qualified = lexemes.size() > 1 && lexemes[lexemes.size() - 2].type == L::DOT;
  return qualified || !is_word(last) || !one_of(last.in(text), unfinished_words);
}

bool is_verb(const Lexeme& lexeme) { return lexeme.type >= L::TRAIN && lexeme.type <= L::MINIMIZE; }

bool refutes_verb(std::string_view text, const Lexeme& verb, const Lexeme& next) {
  const bool formula = verb.type == L::MAXIMIZE || verb.type == L::MINIMIZE;
  if (formula && (next.type == L::MINUS || next.type == L::PLUS)) return false;
  if (next.type == L::COMMA || next.type == L::RPAREN || next.type == L::DOT) return true;
  return expects_operand(next.type) || equal_ignoring_case(next.in(text), "FROM");
}

std::optional<MistypedVerb> find_mistyped_verb(std::string_view text, LexemeSpan lexemes) {
  const auto begin = query_begin(text, lexemes);
  if (!begin) return std::nullopt;
  int depth = 0;
  for (auto i = *begin; i + 1 < lexemes.size(); ++i) {
    if (lexemes[i].type == L::LPAREN) ++depth;
    if (lexemes[i].type == L::RPAREN) --depth;
    if (depth != 0 || lexemes[i].type != L::TO || lexemes[i + 1].type != L::WORD) continue;
    if (!can_end_query(text, lexemes.subspan(*begin, i - *begin))) continue;
    const auto meant = nearest_verb(lexemes[i + 1].in(text));
    const auto rest = lexemes.subspan(i + 2);
    if (meant.empty() || (!rest.empty() && refutes_verb(text, lexemes[i + 1], rest[0]))) continue;
    return MistypedVerb{i + 1, clause_follows(rest), meant};
  }
  return std::nullopt;
}

std::optional<std::size_t> find_verb_without_to(std::string_view text, LexemeSpan lexemes) {
  const auto begin = query_begin(text, lexemes);
  if (!begin) return std::nullopt;
  int depth = 0;
  for (auto i = *begin + 1; i + 1 < lexemes.size(); ++i) {
    if (lexemes[i].type == L::LPAREN) ++depth;
    if (lexemes[i].type == L::RPAREN) --depth;
    const bool verb = is_verb(lexemes[i]) || equal_ignoring_case(lexemes[i].in(text), "ANALYZE");
    if (depth != 0 || !verb || !is_word(lexemes[i + 1])) continue;
    if (!can_end_query(text, lexemes.subspan(*begin, i - *begin))) continue;
    if (clause_follows(lexemes.subspan(i + 2))) return i;
  }
  return std::nullopt;
}

}  // namespace quern
