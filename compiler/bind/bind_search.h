#pragma once
// Tuning: values to search in place of one, and the attributes that say how.

#include <vector>

#include "base/result.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/statement.h"
#include "parser/ast.h"

namespace quern::binding {

/// True for RANGE(...), CHOICE(...) and their other names.
bool is_search(const ast::Expr& value);

/// Binds such a value; bounds and choices are checked by the attribute's declaration, each at its
/// own place. Errors: attribute_conflict (it cannot be tuned), attribute_type, attribute_range.
Result<ir::Setting> bind_search(const ir::AttributeSpec& spec, const ast::Attribute& attribute);

/// What the settings alone show to be wrong with the search. Errors: attribute_conflict,
/// attribute_range.
void check_tuning(const ir::EstimatorDescriptor& estimator,
                  const std::vector<ir::Setting>& settings, Diagnostics& errors);

/// Binds tune.*, behind num_round or train.epoch; with tune.objective and without eval_metric (of a
/// network validation.metrics), the former gives the latter. Errors: attribute_conflict.
void bind_tuning(ir::Train& out, Diagnostics& errors);

}  // namespace quern::binding
