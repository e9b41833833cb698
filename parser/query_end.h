#pragma once
// Where a query ends and one of our clauses begins: the TO in front of a verb. No word of ours is
// reserved, so the neighbours decide.

#include <optional>
#include <string_view>

#include "base/diagnostic.h"
#include "parser/lexeme.h"

namespace quern {

/// Index of the word a query begins with (SELECT, WITH, FROM, VALUES, TABLE or a parenthesis): 0,
/// or behind EXPLAIN, its stage and its format. Nullopt where the statement does not begin like a
/// query.
std::optional<std::size_t> query_begin(std::string_view text, LexemeSpan lexemes);

/// Index of the first word behind EXPLAIN, its stage and its format; 0 without them.
std::size_t form_begin(LexemeSpan lexemes);

/// True where `lexemes`, which begin with the query, can end the query: not in SELECT, a comma, an
/// operator, a dot, WHERE, SIMILAR and the like.
bool can_end_query(std::string_view text, LexemeSpan lexemes);

/// TRAIN, PREDICT, EVALUATE, EXPLAIN, RUN, MAXIMIZE or MINIMIZE.
bool is_verb(const Lexeme& lexeme);

/// True where `next` shows that `verb` is a name after all: a comma, FROM, an operator.
bool refutes_verb(std::string_view text, const Lexeme& verb, const Lexeme& next);

/// A word that is one of our verbs mistyped, behind a TO where a clause could begin.
struct MistypedVerb {
  std::size_t index = 0;   ///< of the mistyped word
  bool certain = false;    ///< clause words follow, so no database would take it
  std::string_view meant;  ///< upper case
};
std::optional<MistypedVerb> find_mistyped_verb(std::string_view text, LexemeSpan lexemes);

/// Index of a verb that stands where a clause could begin but for a TO: SQLFlow's first form,
/// `SELECT ... TRAIN estimator ... INTO model`. For statements that the database has rejected.
std::optional<std::size_t> find_verb_without_to(std::string_view text, LexemeSpan lexemes);

/// unknown_clause, with the verb that was meant.
Diagnostic describe(std::string_view text, LexemeSpan lexemes, const MistypedVerb& verb);

}  // namespace quern
