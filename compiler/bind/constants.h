#pragma once
// Attribute values as constants: arithmetic is done here, once.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "parser/ast.h"

namespace quern::binding {

struct ConstantEntry;

/// A folded attribute value; bare words are strings.
struct Constant {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<Constant>,
               std::vector<ConstantEntry>>
      node;
};

/// `key: value` of a map.
struct ConstantEntry {
  std::string key;
  Constant value;
};

/// Errors: attribute_type (text in arithmetic, division by zero, functions).
Result<Constant> fold(const ast::Expr& expr);

/// RANGE and HPARAM_RANGE; with CHOICE and HPARAM_CANDIDATES, the functions of tuning.
bool is_range_function(std::string_view name);
bool is_search_function(std::string_view name);

/// "an integer", "text", ...: the kind of a constant in a message.
std::string kind_words(const Constant& constant);
/// The constant as the user would write it.
std::string print(const Constant& constant);

}  // namespace quern::binding
