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

/// What the values of variables may have together in one script: values made of values grow without
/// end.
inline constexpr std::size_t kMostValueBytes = std::size_t{16} << 20;

/// The text that takes the place of `use`. \param room  bytes that values may still have; counted
/// down. Errors: unknown_variable, variable_value.
Result<std::string> value_of(const VariableUse& use, const Variables& variables, Dialect dialect,
                             std::size_t& room);

/// Takes the bytes of a value at `span` off what is left. Errors: variable_value.
Result<void> take_room(std::size_t bytes, std::size_t& room, SourceSpan span);

}  // namespace quern
