// The words of a statement that is not ours, for those who ask what it names.

#include "QuernLexer.h"
#include "parser/parser.h"
#include "parser/splitter.h"
#include "parser/token_kinds.h"

namespace quern {
namespace {

/// The text between the quotes, doubled ones halved.
std::string without_quotes(std::string_view source) {
  const char quote = source.back();
  const auto body = source.substr(1, source.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == quote && i + 1 < body.size() && body[i + 1] == quote) ++i;
    out += body[i];
  }
  return out;
}

}  // namespace

std::vector<SqlWord> words_of(std::string_view sql, Dialect dialect) {
  using L = QuernLexer;
  std::vector<SqlWord> out;
  Splitter splitter(sql);
  while (const auto piece = splitter.next(dialect)) {
    bool behind_dot = false;
    for (const auto& lexeme : piece->lexemes) {
      const bool word = is_word(lexeme);
      const bool quoted = lexeme.type == L::STRING || lexeme.type == L::BACKTICK;
      const auto source = lexeme.in(sql);
      if (word) out.push_back({.text = std::string(source), .behind_dot = behind_dot});
      if (quoted) {
        const bool string = source.front() == '\'';
        out.push_back({without_quotes(source), true, string, behind_dot});
      }
      behind_dot = lexeme.type == L::DOT;
    }
  }
  return out;
}

}  // namespace quern
