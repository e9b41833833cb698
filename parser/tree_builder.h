#pragma once
// From ANTLR's tree to ours. Includes ANTLR: for syntax.cpp only.

#include <string_view>

#include "QuernParser.h"
#include "base/result.h"
#include "parser/ast.h"

namespace quern {

/// Copies a tree without syntax errors. Errors: repeated_clause, missing_clause, and syntax_error
/// for a version that is no whole number.
Result<ast::Statement> build_tree(std::string_view text, QuernParser::StatementContext& tree);

}  // namespace quern
