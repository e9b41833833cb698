#pragma once
// What the verbs share that run a stored model over a query: the model, its inputs among the
// query's columns, and the label where the answer needs it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/bind/catalog.h"
#include "compiler/ir/statement.h"
#include "parser/ast.h"

namespace quern::binding {

/// Finds the model and describes the query; its columns are bound by bind_inputs().
/// Errors: unknown_model, bad_target, and those of describe().
Result<ir::ModelUse> bind_model_use(const ast::Query& query, const ast::ModelName& model,
                                    Catalog& catalog);

/// Finds the model's inputs and base margins among the query's columns; appends what is wrong to
/// `errors`. Errors: column_missing_for_model, column_retyped, ambiguous_column.
void bind_inputs(ir::ModelUse& use, Diagnostics& errors);

/// The type of a column of predictions: FLOAT, a list of them, INTEGER for clusters, or the label's
/// own where it is a class.
ColumnType prediction_type(const ir::Label& label, const Catalog& catalog);
/// A list of such elements; text where the database has no lists.
ColumnType list_of(const ColumnType& element, const Catalog& catalog);
/// What the distance of a row from what a model without a label makes of it is called: "distance"
/// from a centre, "error" of what is given back.
std::string_view distance_name(const ir::Label& label);
/// A type that the database knows, by its kind.
ColumnType typed(TypeKind kind, const Catalog& catalog);

/// The threshold that a setting gives, which needs two classes and their probabilities.
/// Errors: attribute_conflict.
std::optional<double> bind_threshold(const std::vector<ir::Setting>& settings,
                                     const std::string& name, const ir::Manifest& manifest,
                                     Diagnostics& errors);

/// Every selected column but one named like the result.
std::vector<std::size_t> columns_beside(const Schema& schema, const std::string& result);

/// What a statement adds to the columns of the query may not be named like one of them, nor like
/// another addition. \param kept the columns of `output` that are the query's, in front.
/// Errors: ambiguous_column.
Diagnostics check_additions(const Schema& output, std::size_t kept, SourceSpan span);

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
