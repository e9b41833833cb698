#pragma once
// What attributes ask of an objective, shared by the checks before and after the rows are read.

#include <string_view>

#include "compiler/ir/objectives.h"

namespace quern::ir {

/// What the objective asks of a base score that `value` does not meet: "above 0"; "" where it does.
/// The score is in the unit of the result: the link must be able to invert it.
std::string_view unmet_by_base_score(const Objective& objective, double value);

/// True where the library multiplies the weight of rows with label 1 by scale_pos_weight.
bool scales_positives(const Objective& objective);

}  // namespace quern::ir
