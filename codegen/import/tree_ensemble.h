#pragma once
// TreeEnsembleRegressor and TreeEnsembleClassifier of ai.onnx.ml 1 to 3: lists become trees.

#include "codegen/import/flow.h"

namespace quern::codegen {

/// A tree ensemble as it stands in a node.
struct Ensemble {
  FlowTrees trees;
  std::int64_t outputs = 0;  ///< 1 where a classifier has two classes and scores one of them
  std::string post_transform = "NONE";
  std::vector<Scalar> classes;  ///< of a classifier
  /// A classifier of one score: no leaf is below 0, so that it is a probability.
  bool is_probability = false;
};

/// Reads trees over `features` columns. Checks every index: one root a tree, each node reached at
/// most once, thresholds that are numbers. `x <= t` becomes `x < nextafter(t)`; `x == t` asks for
/// the category of that code, which cuts fractions off.
/// Errors: corrupt_model, not_in_this_version.
Result<Ensemble> read_ensemble(const GraphNode& node, std::int64_t features, FlowBudget& budget);

/// Splits of a two-output classifier whose leaves say both probabilities are needed once. False,
/// and nothing changed, where they do not sum to 1.
bool keep_second_probability(FlowTrees& trees);

}  // namespace quern::codegen
