#pragma once
// What the verbs share that run a stored model over a query: the model, its inputs among the
// query's columns, and the label where the answer needs it.

#include <string>

#include "base/result.h"
#include "compiler/bind/catalog.h"
#include "compiler/ir/statement.h"
#include "parser/ast.h"

namespace quern::binding {

/// Finds the model and describes the query; its columns are bound by bind_inputs().
/// Errors: unknown_model, bad_target, and those of describe().
Result<ir::ModelUse> bind_model_use(const ast::Query& query, const ast::ModelName& model,
                                    Catalog& catalog);

/// Finds the model's inputs among the query's columns; appends what is wrong to `errors`.
/// Errors: column_missing_for_model, column_retyped, ambiguous_column.
void bind_inputs(ir::ModelUse& use, Diagnostics& errors);

/// A label's column as a statement names it.
struct LabelName {
  std::string name;
  SourceSpan span;
};

/// Finds the column that holds the true label: the one that `named` says, else the one of the
/// label's name in training. \param who needs it, and \param hint says how to name another.
/// Errors: missing_label, unknown_column, ambiguous_column, column_retyped.
std::optional<std::size_t> bind_label(const ir::ModelUse& use,
                                      const std::optional<LabelName>& named, const std::string& who,
                                      const std::string& hint, Diagnostics& errors);

}  // namespace quern::binding
