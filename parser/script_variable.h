#pragma once
// Variables in a statement: where they stand, and what they become.

#include <string>
#include <string_view>
#include <vector>

#include "parser/script.h"
#include "parser/splitter.h"

namespace quern {

struct VariableUse {
  enum class Form { bare, string, name };
  std::string name;
  Form form = Form::bare;
  bool in_clause = false;  ///< of ours, where a backslash escapes
  SourceSpan span;         ///< of the whole `:'name'`
};

/// The variables of a piece, in order.
std::vector<VariableUse> find_variables(std::string_view text, const Piece& piece);

/// The text that takes the place of `use`. Errors: unknown_variable, variable_value.
Result<std::string> value_of(const VariableUse& use, const Variables& variables, Dialect dialect);

}  // namespace quern
