#pragma once
// Checks of attributes that had to wait until the rows had settled what the label is.

#include "base/result.h"
#include "compiler/ir/statement.h"

namespace quern::runtime {

/// What does not go with the label as fitted, and the objective that it chose.
/// Errors: attribute_range (base_score), attribute_conflict (scale_pos_weight), class_count
/// (num_class, base_margin).
Diagnostics check_settled(const ir::Train& statement, const ir::Label& label,
                          const ir::Objective& objective);

}  // namespace quern::runtime
