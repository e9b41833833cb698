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

/// Whether settings choose the layers: torch.Sequential lists its own, a module brings them along.
bool has_chosen_layers(const EstimatorDescriptor& estimator);

/// The layers, of settings whose sizes layer_sizes() takes and an estimator of chosen layers.
NetworkPlan choose_network(const EstimatorDescriptor& estimator,
                           const std::vector<Setting>& settings);

}  // namespace quern::ir
