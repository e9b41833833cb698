#pragma once
// Tokens as plain data: what the splitter, the clause rules and the grammar hand to each other.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/span.h"

namespace quern {

/// One token: a type of QuernLexer and the bytes it covers.
struct Lexeme {
  std::size_t type = 0;
  std::size_t begin = 0;
  std::size_t end = 0;

  SourceSpan span() const { return {begin, end}; }
  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
  bool touches(const Lexeme& next) const { return end == next.begin; }
};

using Lexemes = std::vector<Lexeme>;
using LexemeSpan = std::span<const Lexeme>;

}  // namespace quern
