#pragma once
// The functions of COLUMN: their arguments read from the text, then applied to columns.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/ir/estimators.h"
#include "compiler/ir/feature_program.h"
#include "parser/ast.h"

namespace quern::binding {

/// What an item of COLUMN, or an argument in it, gives to the function around it.
enum class ValueKind : std::uint8_t { number, list, text, date, category, sparse };

struct FeatureValue {
  ir::Term term;
  ValueKind kind = ValueKind::number;
  std::string label;  ///< "c", "log(c)", "d.month": what it is called
};

/// How each function is written, in alphabetical order: "LOG(number)"; those for networks left out.
std::vector<std::string_view> function_usages();

/// What a call does to one value of its first argument.
using FeatureChange = std::function<void(FeatureValue&, Diagnostics&, SourceSpan)>;

/// An error for a value that a function does not take. Error: column_type.
void refuse_value(const std::string& function, const std::string& takes, const FeatureValue& value,
                  SourceSpan span, Diagnostics& errors);

/// What the text alone shows to be wrong with a call: its name, the number and the constants of its
/// arguments. Columns in it are checked by `check_column`. Errors: unknown_function,
/// function_arguments, function_for_networks, and those of constants.
void check_call(const ast::Call& call, const ir::EstimatorDescriptor& estimator,
                const std::function<void(const ast::Expr&, Diagnostics&)>& check_column,
                Diagnostics& errors);

/// The values of a call that check_call() found nothing wrong with. `columns_of` gives those of its
/// arguments. Errors: column_type.
std::vector<FeatureValue> bind_call(
    const ast::Call& call, bool for_network,
    const std::function<std::vector<FeatureValue>(const ast::Expr&)>& columns_of,
    Diagnostics& errors);

}  // namespace quern::binding
