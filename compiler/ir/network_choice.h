#pragma once
// A network by its attributes: the layers that an estimator's settings ask for. A search lays them
// out anew for each trial.

#include "compiler/ir/estimators.h"
#include "compiler/ir/network_plan.h"

namespace quern::ir {

/// The outputs of the layers that a list of sizes gives, whole numbers from 1 to kWidestLayer, at
/// most kMostLayers of them; nullopt for any other.
std::optional<std::vector<std::int32_t>> layer_sizes(const AttributeValue& value);
inline constexpr std::int64_t kWidestLayer = 65536;
inline constexpr std::size_t kMostLayers = 100;

/// The layers, of settings whose sizes layer_sizes() takes. Not of torch.Sequential, which lists
/// its own.
NetworkPlan choose_network(const EstimatorDescriptor& estimator,
                           const std::vector<Setting>& settings);

}  // namespace quern::ir
