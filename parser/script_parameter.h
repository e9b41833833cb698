#pragma once
// `?` and `$1` in a script: where they stand, and which value takes their place.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/script.h"
#include "parser/splitter.h"

namespace quern {

struct ParameterUse {
  std::optional<std::size_t> number;  ///< of `$2`, from 1; none: a `?`
  bool in_clause = false;             ///< of ours
  SourceSpan span;
};

/// The parameters of a piece, in order. PostgreSQL has operators that are written `?`.
std::vector<ParameterUse> find_parameters(std::string_view text, const Piece& piece,
                                          Dialect dialect);

/// Deals out the values of one script.
class ParameterValues {
 public:
  explicit ParameterValues(std::span<const ParameterText> values)
      : values_(values), used_(values.size()) {}

  bool any() const { return !values_.empty(); }
  /// The text that takes the place of `use`. Errors: unknown_variable, variable_value.
  Result<std::string> value_of(const ParameterUse& use);
  /// Errors: variable_value where one of the values was not asked for.
  Result<void> check_used() const;

 private:
  std::span<const ParameterText> values_;
  std::vector<bool> used_;
  std::size_t next_ = 0;          ///< of `?`
  std::optional<bool> numbered_;  ///< how the first of them was written
};

}  // namespace quern
