#pragma once
// What the statement says of a network: its layers, and attributes that must go together.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/statement.h"

namespace quern::binding {

/// The names that FOR takes with an estimator besides feature_columns; in the order of its towers.
std::vector<std::string_view> targets_of(const ir::EstimatorDescriptor& estimator);
/// The tower of such a name, case ignored; -1 for all of them, nullopt for no such name.
std::optional<std::int32_t> tower_of(const ir::EstimatorDescriptor& estimator,
                                     std::string_view target);

/// Checks that need no connection. \param span  of the estimator's name.
/// Errors: attribute_range, attribute_conflict.
void check_network(const ir::EstimatorDescriptor& estimator, SourceSpan span,
                   const std::vector<ir::Setting>& settings, Diagnostics& errors);

/// The objective that the attribute `loss` chooses; null where there is none, or where the number
/// of classes settles it. Of an estimator that trains a network.
const ir::Objective* loss_objective(const ir::EstimatorDescriptor& estimator,
                                    const std::vector<ir::Setting>& settings);

/// Hidden layers, of settings that check_network() found nothing wrong with: those of a stack
/// (`of` is "" or "dnn_", as the attributes have it), and those of a deep cluster model's encoder.
std::vector<ir::Layer> stack_layers(const std::vector<ir::Setting>& settings,
                                    const std::string& of);
std::vector<ir::Layer> encoder_layers(const std::vector<ir::Setting>& settings);

/// The layers, of settings that check_network() found nothing wrong with.
ir::NetworkPlan plan_network(const ir::EstimatorDescriptor& estimator,
                             const std::vector<ir::Setting>& settings);

}  // namespace quern::binding
