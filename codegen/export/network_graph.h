#pragma once
// A neural network as nodes of a graph.

#include "codegen/export/graph_builder.h"
#include "codegen/network/network_model.h"

namespace quern::codegen {

/// The margins, f32 [rows, outputs], of a feature matrix whose sparse groups are columns behind the
/// dense ones, NaN for what is absent.
GraphBuilder::Value lower_network(const NetworkModel& model, const GraphBuilder::Value& matrix,
                                  GraphBuilder& out);

}  // namespace quern::codegen
