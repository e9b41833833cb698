#pragma once
// The feature program as nodes of a graph.

#include "codegen/export/graph_builder.h"
#include "compiler/ir/feature_program.h"

namespace quern::codegen {

/// Adds the program's inputs and features to the graph; the feature matrix, f32 [rows, width], NaN
/// where it is missing. Errors: not_in_this_version, which names the feature.
Result<GraphBuilder::Value> lower_features(const ir::FeatureProgram& program, GraphBuilder& out);

}  // namespace quern::codegen
