#pragma once
// Short ways to parse in tests.

#include <string>
#include <string_view>
#include <vector>

#include "parser/parser.h"

namespace quern::test {

struct Parsed {
  std::vector<ast::Statement> statements;
  Diagnostics errors;
};

/// Reads a whole script, going on after errors.
Parsed parse(std::string_view text, Dialect dialect = Dialect::duckdb);

/// The only statement of `text`; throws where there are errors.
ast::Statement parse_one(std::string_view text, Dialect dialect = Dialect::duckdb);

/// The only error of `text`; throws where there is none or more than one.
Diagnostic error_of(std::string_view text, Dialect dialect = Dialect::duckdb);

/// The bytes of `text` that `span` covers.
std::string at(std::string_view text, SourceSpan span);

/// "train", "plain", "later TO RUN", "inspect ast": what kind of statement it is.
std::string kind(const ast::Statement& statement);

}  // namespace quern::test
