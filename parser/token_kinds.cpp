// By the lexer's token types: keywords stand in one row, from WITH to NULL.

#include "parser/token_kinds.h"

#include "QuernLexer.h"

namespace quern {

using L = QuernLexer;

bool is_word(const Lexeme& lexeme) {
  return lexeme.type == L::WORD || (lexeme.type >= L::WITH && lexeme.type <= L::NULL_);
}

bool is_operator(std::size_t type) {
  switch (type) {
    case L::EQ:
    case L::COMPARISON:
    case L::PLUS:
    case L::MINUS:
    case L::STAR:
    case L::SLASH:
    case L::PERCENT: return true;
    default: return false;
  }
}

}  // namespace quern
