#pragma once
// Kinds of tokens that several rules ask for.

#include <cstddef>

#include "parser/lexeme.h"

namespace quern {

/// A word of any kind, quoted ones left out.
bool is_word(const Lexeme& lexeme);

/// Arithmetic and comparison.
bool is_operator(std::size_t type);

}  // namespace quern
