// Constants of function calls.

#include "compiler/bind/function_arguments.h"

#include <cmath>

#include "base/format.h"

namespace quern::binding {
namespace {

std::optional<double> as_number(const Constant& constant) {
  if (const auto* whole = std::get_if<std::int64_t>(&constant.node))
    return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&constant.node)) return *real;
  return std::nullopt;
}

}  // namespace

void FunctionArguments::complain(std::string message, SourceSpan span) {
  errors_.push_back(
      {Code::function_arguments, std::move(message), span, "it is written " + std::string(usage_)});
}

void FunctionArguments::refuse(std::size_t at, const std::string& wanted,
                               const std::string& found) {
  complain(call_.function.text() + " takes " + wanted + ", found " + found, call_.args[at].span);
}

std::optional<Constant> FunctionArguments::constant(std::size_t at) {
  auto folded = fold(call_.args[at]);
  if (folded) return *std::move(folded);
  for (auto& error : std::move(folded).errors()) {
    error.code = Code::function_arguments;
    error.span = call_.args[at].span;
    errors_.push_back(std::move(error));
  }
  return std::nullopt;
}

std::optional<std::int64_t> FunctionArguments::whole(std::size_t at, std::int64_t least,
                                                     std::int64_t most) {
  const auto value = constant(at);
  if (!value) return std::nullopt;
  const auto* whole = std::get_if<std::int64_t>(&value->node);
  if (whole != nullptr && *whole >= least && *whole <= most) return *whole;
  refuse(at, "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
         print(*value));
  return std::nullopt;
}

std::optional<std::string> FunctionArguments::text(std::size_t at) {
  const auto value = constant(at);
  if (!value) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&value->node)) return *text;
  refuse(at, "text", kind_words(*value));
  return std::nullopt;
}

std::optional<std::vector<double>> FunctionArguments::rising(std::size_t at) {
  const auto value = constant(at);
  if (!value) return std::nullopt;
  const auto* list = std::get_if<std::vector<Constant>>(&value->node);
  const auto items = list != nullptr ? *list : std::vector<Constant>{*value};
  std::vector<double> out;
  for (const auto& item : items) {
    const auto number = as_number(item);
    if (!number || !std::isfinite(*number)) {
      refuse(at, "boundaries as a list of numbers", print(item));
      return std::nullopt;
    }
    if (!out.empty() && *number <= out.back()) {
      complain("boundaries must rise: " + format_double(*number) + " stands behind " +
                   format_double(out.back()),
               call_.args[at].span);
      return std::nullopt;
    }
    out.push_back(*number);
  }
  if (!out.empty()) return out;
  refuse(at, "boundaries as a list of numbers", "an empty list");
  return std::nullopt;
}

}  // namespace quern::binding
