#pragma once
// The attributes that name columns beside features, label and weight, and the order of the rows.

#include <vector>

#include "base/result.h"
#include "compiler/bind/catalog.h"
#include "compiler/ir/statement.h"

namespace quern::binding {

/// The objective as far as the text tells, and where it does.
struct ObjectiveInForce {
  const ir::Objective* objective = nullptr;
  SourceSpan span = SourceSpan::none();
};
ObjectiveInForce objective_in_force(const ir::EstimatorDescriptor& estimator, SourceSpan span,
                                    const std::vector<ir::Setting>& settings);

/// What does not go with the objective, or is missing for it. Errors: attribute_conflict.
void check_extras(const ObjectiveInForce& in_force, const std::vector<ir::Setting>& settings,
                  Diagnostics& errors);

/// Binds group, base_margin and label_upper_bound; the label is bound.
/// Errors: unknown_column, ambiguous_column, column_type, attribute_conflict.
void bind_extras(ir::Train& out, Diagnostics& errors);

/// Binds train.order_by. Errors: those of the ordered query at their places, attribute_conflict.
void bind_order(ir::Train& out, Catalog& catalog, Diagnostics& errors);

/// All columns of `extras`: none of them is a feature.
std::vector<std::size_t> columns_of(const ir::RowExtras& extras);

}  // namespace quern::binding
