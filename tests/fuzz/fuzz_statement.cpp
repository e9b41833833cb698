// Scripts in every dialect: whatever the bytes, the parser ends, gives spans within the text, and
// prints a tree that parses to an equal one; the checks of the text stage stand up to it.
// The first character chooses the dialect: 0 DuckDB, 1 PostgreSQL, 2 MySQL, 3 SQLite.

#include "base/secrets.h"
#include "compiler/bind/bind.h"
#include "parser/parser.h"
#include "tests/fuzz/fuzz.h"

namespace quern::fuzz {
namespace {

void check_round_trip(const ast::Statement& statement, Dialect dialect) {
  if (std::holds_alternative<ast::PlainSql>(statement.node)) return;
  const auto printed = ast::print(statement);
  StatementReader reader(printed);
  const auto again = reader.next(dialect);
  if (!again || !*again) finding("what was printed does not parse: " + printed);
  if (!(**again == statement)) finding("what was printed parses to another tree: " + printed);
}

void check_statement(const ast::Statement& statement, std::string_view text, Dialect dialect) {
  check_messages(check_text(statement), text);
  check_round_trip(statement, dialect);
  if (ast::dump(statement).empty()) finding("a tree without a dump");
  if (const auto* plain = std::get_if<ast::PlainSql>(&statement.node)) {
    if (const auto near = near_miss(plain->text, dialect)) check_message(*near, plain->text);
  }
}

void read(std::string_view text, Dialect dialect) {
  StatementReader reader(text);
  for (std::size_t statements = 0; statements <= text.size(); ++statements) {
    const auto next = reader.next(dialect);
    if (!next) {
      check_failure(next.errors(), text);
      continue;
    }
    if (!*next) return;
    check_statement(**next, text, dialect);
  }
  finding("more statements than bytes");
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern;
  const auto choice = fuzz::choose(data, size, 4);
  const auto dialect = static_cast<Dialect>(choice.way);
  const auto text = fuzz::text_of(choice.rest.data(), choice.rest.size());
  fuzz::read(text, dialect);
  (void)needs_more_input(text, dialect);
  (void)words_of(text, dialect);
  const auto masked = mask_passwords(text);
  if (mask_passwords(masked) != masked) fuzz::finding("masking twice is not masking once");
  return 0;
}
