#pragma once
// One statement of ours: from its lexemes through the grammar to the tree. Behind this header is
// ANTLR.

#include <string_view>

#include "base/result.h"
#include "parser/ast.h"
#include "parser/splitter.h"

namespace quern {

/// Parses a piece that belongs to us. Errors: syntax_error, unknown_clause, repeated_clause,
/// missing_clause; up to ten.
Result<ast::Statement> parse_statement(std::string_view text, const Piece& piece);

}  // namespace quern
