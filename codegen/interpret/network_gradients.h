#pragma once
// How much each feature moved a network's margins: integrated gradients.

#include <cstdint>
#include <span>

#include "codegen/network/network_model.h"

namespace quern::codegen {

/// Fills out with features + 1 values for each output: the feature's part, then the margin of a row
/// of which nothing is known (numbers at their mean where they are standardized, no category), and
/// base margin. An output's values sum to its margin but for two thousandths of what the features
/// moved: the gradients along the way are summed at up to 320 points.
/// Rule: Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (2017), from zeros
/// behind the blocks; a category's part is that of its learned vector. Of sequences, as many steps
/// of zeros as the row has: a step's numbers are their columns', a code is its step's, and what is
/// repeated at each step is added up.
/// \param groups  of all rows of `x`. Cost: some hundred times that of a prediction.
void explain_row(const NetworkModel& model, const FeatureView& x, std::int64_t row,
                 GroupRows groups, std::span<double> out, BaseMargins base = {});

}  // namespace quern::codegen
