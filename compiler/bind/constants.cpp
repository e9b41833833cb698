// Constant folding.

#include "compiler/bind/constants.h"

#include <cmath>

#include "base/format.h"
#include "base/similar.h"

namespace quern::binding {
namespace {

Diagnostic not_constant(const ast::Expr& expr, std::string message) {
  return {Code::attribute_type, std::move(message), expr.span};
}

bool is_numeric(const Constant& c) {
  return std::holds_alternative<std::int64_t>(c.node) || std::holds_alternative<double>(c.node);
}

double as_double(const Constant& c) {
  const auto* whole = std::get_if<std::int64_t>(&c.node);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(c.node);
}

/// Integer arithmetic where both sides are integers and nothing overflows; nullopt otherwise.
std::optional<std::int64_t> whole_result(char op, const Constant& a, const Constant& b) {
  const auto* x = std::get_if<std::int64_t>(&a.node);
  const auto* y = std::get_if<std::int64_t>(&b.node);
  if (x == nullptr || y == nullptr) return std::nullopt;
  std::int64_t out = 0;
  if (op == '+') return __builtin_add_overflow(*x, *y, &out) ? std::nullopt : std::optional(out);
  if (op == '-') return __builtin_sub_overflow(*x, *y, &out) ? std::nullopt : std::optional(out);
  if (op == '*') return __builtin_mul_overflow(*x, *y, &out) ? std::nullopt : std::optional(out);
  const bool divides = *y != 0 && *y != -1;
  if (op == '%' && divides) return *x % *y;
  if (op == '/' && divides && *x % *y == 0) return *x / *y;
  return std::nullopt;
}

double real_result(char op, double a, double b) {
  switch (op) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return a / b;
    default: return std::fmod(a, b);
  }
}

Result<Constant> fold_binary(const ast::Expr& expr, const ast::Binary& binary) {
  QUERN_TRY(const Constant left, fold(*binary.left));
  QUERN_TRY(const Constant right, fold(*binary.right));
  for (const auto& [side, value] : {std::pair{&binary.left, &left}, {&binary.right, &right}}) {
    if (!is_numeric(*value)) {
      return not_constant(**side, "arithmetic takes numbers, found " + kind_words(*value));
    }
  }
  if ((binary.op == '/' || binary.op == '%') && as_double(right) == 0) {
    return not_constant(expr, "division by zero");
  }
  if (const auto whole = whole_result(binary.op, left, right)) return Constant{*whole};
  return Constant{real_result(binary.op, as_double(left), as_double(right))};
}

Result<Constant> fold_minus(const ast::Unary& unary) {
  QUERN_TRY(const Constant operand, fold(*unary.operand));
  if (!is_numeric(operand)) {
    return not_constant(*unary.operand, "minus takes a number, found " + kind_words(operand));
  }
  const auto* whole = std::get_if<std::int64_t>(&operand.node);
  if (whole != nullptr && *whole != INT64_MIN) return Constant{-*whole};
  return Constant{-as_double(operand)};
}

Result<Constant> fold_list(const ast::List& list) {
  std::vector<Constant> items;
  for (const auto& item : list.items) {
    QUERN_TRY(auto folded, fold(item));
    items.push_back(std::move(folded));
  }
  return Constant{std::move(items)};
}

Result<Constant> fold_map(const ast::Expr& expr, const ast::Map& map) {
  std::vector<ConstantEntry> entries;
  for (const auto& [key, value] : map.items) {
    QUERN_TRY(auto folded, fold(value));
    for (const auto& before : entries) {
      if (before.key == key) return not_constant(expr, "the map has two values for " + key);
    }
    entries.push_back({key, std::move(folded)});
  }
  return Constant{std::move(entries)};
}

}  // namespace

bool is_range_function(std::string_view name) {
  return equal_ignoring_case(name, "range") || equal_ignoring_case(name, "hparam_range");
}

bool is_search_function(std::string_view name) {
  return is_range_function(name) || equal_ignoring_case(name, "choice") ||
         equal_ignoring_case(name, "hparam_candidates");
}

namespace {

Result<Constant> fold_call(const ast::Expr& expr, const ast::Call& call) {
  const auto name = call.function.text();
  if (is_search_function(name)) {
    return not_constant(expr, name + " stands for the whole value of an attribute of TO TRAIN");
  }
  return not_constant(expr, "an attribute value cannot be a function: " + name);
}

}  // namespace

Result<Constant> fold(const ast::Expr& expr) {
  using Out = Result<Constant>;
  return std::visit(Overloaded{
                        [](const ast::Null&) -> Out { return Constant{}; },
                        [](const ast::Boolean& v) -> Out { return Constant{v.value}; },
                        [](const ast::Integer& v) -> Out { return Constant{v.value}; },
                        [](const ast::Real& v) -> Out { return Constant{v.value}; },
                        [](const ast::Text& v) -> Out { return Constant{v.value}; },
                        [](const ast::Name& v) -> Out { return Constant{v.text()}; },
                        [](const ast::List& v) -> Out { return fold_list(v); },
                        [&](const ast::Map& v) -> Out { return fold_map(expr, v); },
                        [&](const ast::Call& v) -> Out { return fold_call(expr, v); },
                        [&](const ast::Star&) -> Out {
                          return not_constant(expr, "an attribute value cannot be *");
                        },
                        [](const ast::Unary& v) -> Out { return fold_minus(v); },
                        [&](const ast::Binary& v) -> Out { return fold_binary(expr, v); },
                    },
                    expr.node);
}

std::string kind_words(const Constant& constant) {
  return std::visit(Overloaded{
                        [](std::monostate) { return "null"; },
                        [](bool) { return "a boolean"; },
                        [](std::int64_t) { return "an integer"; },
                        [](double) { return "a number"; },
                        [](const std::string&) { return "text"; },
                        [](const std::vector<Constant>&) { return "a list"; },
                        [](const std::vector<ConstantEntry>&) { return "a map"; },
                    },
                    constant.node);
}

std::string print(const Constant& constant) {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string("null"); },
                        [](bool v) { return std::string(v ? "true" : "false"); },
                        [](std::int64_t v) { return std::to_string(v); },
                        [](double v) { return format_double(v); },
                        [](const std::string& v) { return v; },
                        [](const std::vector<Constant>& items) {
                          std::string out = "[";
                          for (const auto& item : items)
                            out += (out.size() > 1 ? ", " : "") + print(item);
                          return out + "]";
                        },
                        [](const std::vector<ConstantEntry>& entries) {
                          std::string out = "{";
                          for (const auto& [key, value] : entries) {
                            out += (out.size() > 1 ? ", " : "") + key + ": " + print(value);
                          }
                          return out + "}";
                        },
                    },
                    constant.node);
}

}  // namespace quern::binding
