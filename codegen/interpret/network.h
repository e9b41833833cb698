#pragma once
// What a tower of a network reads of one row, and the activations, in float64: shared by the oracle
// and by what explains networks.

#include <cstdint>
#include <vector>

#include "codegen/network/network_model.h"

namespace quern::codegen {

/// The blocks' vectors one behind the other: one a step of the sequences; without sequences one.
using TowerInput = std::vector<std::vector<double>>;

/// One row as a tower reads it. A sequence that ends before the tower's longest reads zeros; steps
/// behind all ends are left out.
TowerInput read_tower(const NetworkModel& model, const ir::Tower& tower, const FeatureView& x,
                      std::int64_t row, GroupRows groups);

double activate(ir::Activation activation, double x);
/// Its derivative; of relu and its kin 0 at 0.
double slope(ir::Activation activation, double x);

/// Behind the tower's last layer. \param input  as read_tower() gives it.
std::vector<double> run_tower(const NetworkModel& model, const ir::Tower& tower,
                              const TowerInput& input);

}  // namespace quern::codegen
