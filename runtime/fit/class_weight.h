#pragma once
// Row weights by class.

#include <vector>

#include "base/result.h"
#include "compiler/ir/statement.h"
#include "runtime/engines/engine.h"

namespace quern::runtime {

/// The factor of each class of `label`; `rows` are those that the model learns from.
/// Rule of balanced: scikit-learn's compute_class_weight; a class without rows gets 1.
/// Errors: class_unseen (a named class that the label does not have), class_count (the label is a
/// number).
Result<std::vector<float>> class_factors(const ir::ClassWeight& weight, const ir::Label& label,
                                         PageSource& rows);

/// Multiplies each weight by the factor of the row's class; without factors does nothing.
void apply_class_factors(const std::vector<float>& factors, const float* labels, float* weights,
                         std::int64_t rows);

}  // namespace quern::runtime
