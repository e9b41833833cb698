#pragma once
// Names to columns of a described query, and columns to features.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/estimators.h"
#include "compiler/ir/feature_program.h"
#include "connectors/connector.h"
#include "parser/ast.h"

namespace quern::binding {

/// What the text alone shows to be wrong with COLUMN clauses.
/// Errors: unknown_function, function_arguments, function_for_networks (FOR, too), syntax_error
/// (patterns).
void check_columns(const std::vector<ast::ColumnClause>& clauses,
                   const ir::EstimatorDescriptor& estimator, Diagnostics& errors);

/// The names of a schema, or the first of many: for hints.
std::string listed_names(const Schema& schema);

/// Finds a column by name: exact spelling first, else ASCII case ignored.
/// Errors: unknown_column (with a suggestion), ambiguous_column.
Result<std::size_t> find_column(const Schema& schema, const std::string& name, SourceSpan span);

/// Finds the column of row weights that a setting names.
/// Errors: unknown_column, ambiguous_column, column_type, attribute_conflict (it is the label).
std::optional<std::size_t> find_weight(const Schema& schema, const ir::Setting& setting,
                                       std::optional<std::size_t> label, Diagnostics& errors);

/// The columns of one schema by name, where many are looked up: no search costs more for a wider
/// schema.
class ColumnIndex {
 public:
  explicit ColumnIndex(const Schema& schema);  ///< which must outlive the index

  /// As find_column().
  Result<std::size_t> find(const std::string& name, SourceSpan span) const;
  /// Columns of exactly this name, in order.
  const std::vector<std::size_t>& named(const std::string& name) const;
  /// The same, ASCII case ignored.
  const std::vector<std::size_t>& named_alike(const std::string& name) const;

 private:
  const Schema& schema_;
  std::unordered_map<std::string, std::vector<std::size_t>> exact_;
  std::unordered_map<std::string, std::vector<std::size_t>> folded_;  ///< by lower case
};

/// True where a column of kind `now` may stand in for one of kind `trained`: a feature program
/// treats them alike. Numbers are one family, timestamps of every precision without a zone another.
bool same_family(TypeKind trained, TypeKind now);

/// The same of an input and a column; a list of fixed size must have the input's.
bool fits_input(const ir::Input& trained, const ColumnType& now);

/// For whom features are made.
struct FeatureStyle {
  const ir::EstimatorDescriptor& estimator;
  bool standardize = false;  ///< numbers, of networks
};

/// The features of TO TRAIN: what COLUMN names, or all selected columns; without
/// `excluded` (label, weight), which only an explicit mention makes an error. Errors:
/// unknown_column, ambiguous_column, column_type, label_among_features, no_features.
struct FeatureColumns {
  ir::FeatureProgram program;
  std::vector<std::size_t> columns;  ///< column of the query for each input
};
FeatureColumns bind_features(const Schema& schema, const std::vector<ast::ColumnClause>& clauses,
                             const std::vector<std::size_t>& excluded, const FeatureStyle& style,
                             SourceSpan query_span, Diagnostics& errors);

}  // namespace quern::binding
