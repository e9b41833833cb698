#pragma once
// From node to node: what is known of a graph's outputs.

#include <string>
#include <vector>

#include "codegen/import/flow.h"

namespace quern::codegen {

/// A column of the graph's inputs.
struct InputColumn {
  std::string name;
  bool is_text = false;
};

/// What came out of a graph. Constants of the graph must outlive it.
struct GraphOutcome {
  std::vector<InputColumn> columns;
  Flow scores;                  ///< numbers or pair
  bool says_class = false;      ///< the graph gives the class itself
  std::vector<Scalar> classes;  ///< empty where the graph does not name them
  FlowBudget budget;            ///< what is left for the model
};

/// Errors: see read_foreign().
Result<GraphOutcome> walk_graph(const Graph& graph, const std::vector<std::string>& columns);

}  // namespace quern::codegen
