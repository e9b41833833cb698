// From text to the bound statement, against the made-up catalog; a text that does not parse fails
// the test.

#include <catch2/catch.hpp>

#include "compiler/bind/bind.h"
#include "parser/parser.h"
#include "tests/unit/compiler/fake_catalog.h"

namespace quern::tests {
namespace {

ast::Statement parse(const std::string& sql) {
  StatementReader reader(sql);
  auto statement = reader.next(Dialect::duckdb);
  if (!statement) FAIL(render(statement.errors().front(), sql, "test"));
  REQUIRE(statement->has_value());
  return **statement;
}

}  // namespace

Result<ir::Statement> bind_text(const std::string& sql, Catalog& catalog) {
  const auto statement = parse(sql);
  const auto problems = check_text(statement);
  if (!problems.empty()) return problems;
  auto bound = bind(statement, catalog);
  if (bound) REQUIRE(ir::verify(*bound).empty());
  return bound;
}

Diagnostics check_text_of(const std::string& sql) { return check_text(parse(sql)); }

}  // namespace quern::tests
