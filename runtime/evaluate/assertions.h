#pragma once
// What a model must keep, held against what was found.

#include <functional>

#include "compiler/ir/statement.h"
#include "runtime/evaluate/evaluate.h"

namespace quern::runtime {

/// Notes each assertion that holds. \param value_of  NaN where it is not defined for the rows.
/// Errors: assertion_failed, one for each that does not hold.
Result<void> check_assertions(const ir::Evaluate& statement,
                              const std::function<double(const ir::Assertion&)>& value_of,
                              EvaluateSummary& summary);

}  // namespace quern::runtime
