#pragma once
// What happens to the lexemes of a statement of ours before the grammar sees them.

#include <optional>
#include <string_view>

#include "parser/lexeme.h"

namespace quern {

/// Prepares what follows a verb, where an operand is expected first:
/// - a clause word that stands where only a name can stand becomes WORD (`LABEL label INTO into`);
/// - words joined without blanks by - / : become one BARE_WORD (`reg:squarederror`,
/// `host:80/model`),
///   as SQLFlow reads them; not the colon of a map entry.
Lexemes clause_tokens(std::string_view text, LexemeSpan lexemes);

/// The first lexeme at which expressions are nested more deeply than the tree may be, since trees
/// are walked by recursion.
std::optional<Lexeme> too_deep(LexemeSpan lexemes);

}  // namespace quern
