#pragma once
// Trainings that take numbers only: what in their features is a category.

#include "base/diagnostic.h"
#include "compiler/ir/statement.h"

namespace quern::ir {

/// True for a text column that COLUMN says nothing of: the rows may show that it is a vector of
/// numbers, and else it is a category.
bool may_be_vector(const Feature& feature, const Input& input);

/// What is wrong where gblinear, or tree_method exact, would learn from a category of `program`,
/// which is the statement's own or that as fitted. \param settled  the rows have been read: what
/// could have been a vector and is not is a category. Error: attribute_conflict.
Diagnostics check_categories(const Train& train, const FeatureProgram& program, bool settled);

}  // namespace quern::ir
