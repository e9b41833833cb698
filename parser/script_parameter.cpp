// Values are dealt out by number, or in the order of the question marks; not both in one script.

#include "parser/script_parameter.h"

#include <algorithm>
#include <charconv>

#include "QuernLexer.h"

namespace quern {

std::vector<ParameterUse> find_parameters(std::string_view text, const Piece& piece,
                                          Dialect dialect) {
  std::vector<ParameterUse> out;
  for (std::size_t i = 0; i < piece.lexemes.size(); ++i) {
    const auto& lexeme = piece.lexemes[i];
    if (lexeme.type != QuernLexer::PARAMETER) continue;
    const auto written = lexeme.in(text);
    ParameterUse use{
        .number = {}, .in_clause = piece.clause && i > *piece.clause, .span = lexeme.span()};
    if (written != "?") {
      std::size_t number = 0;
      const auto* end = written.data() + written.size();
      if (std::from_chars(written.data() + 1, end, number).ec != std::errc()) number = SIZE_MAX;
      use.number = number;
    } else if (dialect == Dialect::postgres) {
      continue;
    }
    out.push_back(use);
  }
  return out;
}

Result<std::string> ParameterValues::value_of(const ParameterUse& use) {
  const bool numbered = use.number.has_value();
  if (numbered_.value_or(numbered) != numbered) {
    return Diagnostic{Code::variable_value, "parameters are written both as `?` and as `$1`",
                      use.span, "write all of them in one way"};
  }
  numbered_ = numbered;
  const auto number = use.number.value_or(++next_);
  if (number == 0 || number > values_.size()) {
    return Diagnostic{Code::unknown_variable,
                      "parameter " + std::to_string(number) +
                          " has no value: " + std::to_string(values_.size()) + " were given",
                      use.span};
  }
  used_[number - 1] = true;
  const auto& value = values_[number - 1];
  if (!use.in_clause) return value.in_query;
  if (value.in_clause) return *value.in_clause;
  return Diagnostic{Code::variable_value,
                    "parameter " + std::to_string(number) + " is a blob, which no clause takes",
                    use.span};
}

Result<void> ParameterValues::check_used() const {
  const auto unused = std::find(used_.begin(), used_.end(), false);
  if (unused == used_.end()) return {};
  return Diagnostic{Code::variable_value,
                    "parameter " + std::to_string(1 + (unused - used_.begin())) +
                        " is used nowhere: " + std::to_string(values_.size()) + " were given"};
}

}  // namespace quern
