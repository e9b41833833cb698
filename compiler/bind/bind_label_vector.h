#pragma once
// Labels that are vectors: lists, or text like "1, 2.5, 3", of networks.

#include "compiler/ir/statement.h"

namespace quern::binding {

/// Of a list that a network learns, numbers are predicted, whatever its estimator's name leaves
/// open. Before the label's type is checked.
void settle_vector_label(ir::Train& out);

/// Whether the column, what the statement says of the label's width, and the estimator agree.
/// Errors: column_type, attribute_conflict.
void check_label_width(const ir::Train& out, Diagnostics& errors);

}  // namespace quern::binding
