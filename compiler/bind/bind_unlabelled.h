#pragma once
// Trainings without a label: clusters, components and encodings.

#include "base/diagnostic.h"
#include "compiler/ir/statement.h"
#include "parser/ast.h"

namespace quern::binding {

/// A label is there where the estimator needs one, and only there; what goes on from a model is a
/// network. Errors: missing_label, unknown_clause.
void check_label_clause(const ast::Train& train, const ir::EstimatorDescriptor& estimator,
                        Diagnostics& errors);

}  // namespace quern::binding
