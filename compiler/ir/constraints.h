#pragma once
// Constraints on features: written by name, wanted by the library by position.

#include <vector>

#include "base/diagnostic.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/feature_program.h"

namespace quern::ir {

/// Turns the names in monotone_constraints and interaction_constraints into positions. The name of
/// a column stands for all of its features. While a list's length is not known the names are only
/// checked; the call is repeated when it is. Errors: unknown_column, attribute_conflict,
/// attribute_type, attribute_range.
void bind_constraints(std::vector<Setting>& settings, const FeatureProgram& program,
                      Diagnostics& errors);

}  // namespace quern::ir
