#pragma once
// What the verbs share that run a stored model over a query: the model's inputs among its columns,
// and the table that the result goes to.

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/bind/catalog.h"
#include "compiler/ir/statement.h"

namespace quern::binding {

/// Finds the model's inputs among the query's columns; appends what is wrong to `errors`.
/// Errors: column_missing_for_model, column_retyped, ambiguous_column.
std::vector<std::size_t> bind_inputs(const ir::FeatureProgram& program, const ir::Query& query,
                                     Diagnostics& errors);

/// The declaration of output.mode is in force only with a table. \param hint shows how to name one.
/// Errors: attribute_conflict.
void check_mode_has_target(const std::vector<ir::Setting>& settings, bool has_target,
                           const std::string& hint, Diagnostics& errors);

/// Settles what happens to `table`, which gets rows of `output`: docs/language.md, "An existing
/// target". Errors: bad_target, target_exists, target_is_source, ambiguous_column (two output
/// columns of one name).
Result<ir::Target> bind_target(TableName table, SourceSpan span,
                               const std::vector<ir::Setting>& settings, const ir::Query& query,
                               const Schema& output, Catalog& catalog, Diagnostics& errors);

}  // namespace quern::binding
