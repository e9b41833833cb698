#pragma once
// Text to syntax tree, statement by statement: the first stage. The only folder that sees ANTLR.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/dialect.h"
#include "base/result.h"
#include "parser/ast.h"

namespace quern {

/// Reads a script one statement at a time, because USE and the connection decide the dialect of
/// what follows. After an error the reader stands behind the next `;` and can go on.
///
/// Spans are bytes of `text`, which must outlive the reader. Cost: linear in the text, over all
/// calls.
class StatementReader {
 public:
  explicit StatementReader(std::string_view text);
  ~StatementReader();
  StatementReader(StatementReader&&) noexcept;
  StatementReader& operator=(StatementReader&&) noexcept;

  /// The next statement; nullopt at the end of the text. Empty statements are passed over.
  /// Errors: syntax_error, invalid_utf8, unknown_clause, repeated_clause, missing_clause,
  /// unterminated; up to ten for one statement.
  Result<std::optional<ast::Statement>> next(Dialect dialect);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// True where `text` ends inside a statement: the prompt then asks for another line. White space,
/// comments and complete statements do not count; an unclosed string, quote, comment or bracket
/// does.
bool needs_more_input(std::string_view text, Dialect dialect);

/// If `sql`, which the database rejected, looks like one of our clauses mistyped (`TO PREDIC t`),
/// the diagnostic that says so (unknown_clause, spans into `sql`); else nullopt.
std::optional<Diagnostic> near_miss(std::string_view sql, Dialect dialect);

}  // namespace quern
