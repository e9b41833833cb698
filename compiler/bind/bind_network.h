#pragma once
// What the statement says of a network: its layers, and attributes that must go together.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/bind/internal.h"
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

/// A metric that may be measured while such an estimator trains. Of classes it may turn out only
/// with the rows whether there are two.
bool has_metric(const ir::EstimatorDescriptor& estimator, const std::string& name);

/// The objective that the attribute `loss` chooses; null where there is none, or where the number
/// of classes settles it. Of an estimator that trains a network.
const ir::Objective* loss_objective(const ir::EstimatorDescriptor& estimator,
                                    const std::vector<ir::Setting>& settings);

/// A module's file goes without USING, its name alone with it. Error: attribute_conflict.
void check_module(const ast::Train& train, const ir::EstimatorDescriptor& estimator,
                  Diagnostics& errors);
/// Reads the file that the statement names; nothing of another estimator. Errors: those of
/// Catalog::read_module().
void bind_module(ir::Train& out, const ast::Train& train, Catalog& catalog, Diagnostics& errors);

/// The layers, of settings that check_network() found nothing wrong with. None of a
/// module, which brings them along.
ir::NetworkPlan plan_network(const ir::EstimatorDescriptor& estimator,
                             const std::vector<ir::Setting>& settings);

}  // namespace quern::binding
