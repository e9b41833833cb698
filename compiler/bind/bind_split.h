#pragma once
// The attributes of validation: which rows a model is checked on while it trains.

#include <vector>

#include "base/result.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/split.h"
#include "connectors/connector.h"

namespace quern::binding {

/// What the settings alone show to be wrong with the split.
/// Errors: attribute_conflict, not_in_this_version.
void check_split(const std::vector<ir::Setting>& settings, Diagnostics& errors);

/// The split that the settings ask for, or the default. Errors: unknown_column, ambiguous_column,
/// attribute_conflict (the label as key).
ir::Split bind_split(const std::vector<ir::Setting>& settings, const Schema& schema,
                     Diagnostics& errors);

}  // namespace quern::binding
