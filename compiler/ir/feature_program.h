#pragma once
// The feature program: how the columns of a query become the feature matrix. The same program
// serves training, prediction and explanation; fitting fills in what only the rows can tell.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/ir/feature.h"
#include "compiler/ir/sparse_group.h"

namespace quern::ir {

/// What one item of COLUMN stands for, before the rows have told how many features that is.
struct Term {
  std::size_t input = 0;
  std::optional<Transform> transform = {};  ///< none: that of the column's type
  std::vector<Part> parts = {};             ///< of a date; empty: all that its type has
  std::vector<Step> steps = {};             ///< behind each of its features
  /// How its features are called: `opening`, then what the column's type calls them, then
  /// `closing`.
  std::string opening = {};               ///< "bucket(log("
  std::string closing = {};               ///< "))"
  std::optional<SparseGroup> group = {};  ///< instead of features; of a OneHot, behind them
  /// Of text that is a vector, whose transform is an Element; 0: those of the input.
  std::int32_t elements = 0;
  std::vector<NetworkUse> uses = {};  ///< of a network
  friend bool operator==(const Term&, const Term&) = default;
};

struct FeatureProgram {
  std::vector<Input> inputs;
  std::vector<Feature> features;  ///< columns of the feature matrix, in order; then hidden ones
  std::vector<SparseGroup> groups = {};  ///< behind the columns of `features`
  /// What `features` come from; not part of a model. Empty: each input as its type is.
  std::vector<Term> terms = {};
  friend bool operator==(const FeatureProgram&, const FeatureProgram&) = default;
};

/// Columns of the feature matrix that are features of their own, and all with those of groups.
std::size_t dense_width(const FeatureProgram& program);
std::size_t width(const FeatureProgram& program);
/// Of any column of the matrix: a group's are called `group[i]`.
std::string feature_name(const FeatureProgram& program, std::size_t column);
bool is_category(const FeatureProgram& program, std::size_t column);

/// The features of columns by their kinds, not fitted: one named like the column, or `column.part`
/// of a date, or `column[i]` of a list. A list of unknown length gives none yet.
std::vector<Feature> derive_features(const std::vector<Input>& inputs);

/// Sets the features, not fitted, that the terms give for the inputs as they are known now. Where a
/// function gives a name that is taken, a number stands behind it.
void expand(FeatureProgram& program);

/// True where only the rows can tell how many features an input gives: a list without a length, or
/// text in DENSE without a size. A program with such an input has features to come.
bool is_open(const FeatureProgram& program, std::size_t input);
bool is_open(const FeatureProgram& program);

/// True where an item of COLUMN is more than a column.
bool has_functions(const FeatureProgram& program);

/// True where a statement's features are those of a fitted program but for what rows tell. Elements
/// of lists are left out, for their number may be such.
bool same_functions(const FeatureProgram& written, const FeatureProgram& fitted);

/// Takes out what only a training needs: uses of features.
void drop_uses(FeatureProgram& program);

/// What is wrong where a feature has the name of another, as when a column is called `day.year`
/// beside a date `day`. Error: ambiguous_column.
std::optional<Diagnostic> check_names(const FeatureProgram& program, SourceSpan span);

/// The program, one feature a line, for EXPLAIN.
std::string dump(const FeatureProgram& program);

}  // namespace quern::ir
