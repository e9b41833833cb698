#pragma once
// From node to node: what is known of a graph's outputs.

#include <string>
#include <vector>

#include "codegen/import/flow.h"

namespace quern::codegen {

/// What came out of a graph. Constants of the graph must outlive it.
struct GraphOutcome {
  std::vector<std::string> columns;  ///< names of all columns of the inputs
  Flow scores;                       ///< numbers or pair
  bool says_class = false;           ///< the graph gives the class itself
  std::vector<Scalar> classes;       ///< empty where the graph does not name them
};

/// Errors: see read_foreign().
Result<GraphOutcome> walk_graph(const Graph& graph, const std::vector<std::string>& columns);

}  // namespace quern::codegen
