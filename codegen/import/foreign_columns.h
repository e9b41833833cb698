#pragma once
// From the columns that a graph computes with to features, and to what models read of them: a
// category is one feature, whatever a graph makes of it.

#include <cstdint>
#include <vector>

#include "codegen/import/graph_walk.h"
#include "compiler/ir/feature_program.h"
#include "compiler/ir/network_layers.h"

namespace quern::codegen {

/// Features, and where in the feature matrix each column of the graph is read.
struct ForeignFeatures {
  ir::FeatureProgram program;
  std::vector<std::size_t> places;  ///< of a category in groups: its group's first column
};

enum class CategoriesAs : std::uint8_t { codes, groups };

/// Inputs that no column reads are left out. A number is a feature for each column, a category one
/// for all of its columns: its code, or a group of ones behind the numbers.
/// Errors: not_in_this_version (too large for the graph's budget).
Result<ForeignFeatures> foreign_features(const FlowColumns& columns,
                                         const std::vector<InputColumn>& inputs, CategoriesAs as,
                                         FlowBudget& budget);

/// Trees over the columns as trees over features with categories as codes: a split of what a
/// category gives is one by the set of its codes. Errors: as foreign_features().
Result<std::vector<Tree>> over_features(std::vector<Tree> trees, const FlowColumns& columns,
                                        const ForeignFeatures& features, FlowBudget& budget);

/// Weights [outputs, columns] and biases [outputs] over columns as such over the feature matrix
/// with categories as groups.
struct LinearWeights {
  std::vector<float> weight;
  std::vector<float> bias;
};
Result<LinearWeights> over_features(const LinearWeights& linear, const FlowColumns& columns,
                                    const ForeignFeatures& features, FlowBudget& budget);

/// A block of a network, and what it has learned.
struct ForeignBlock {
  ir::Block block;
  std::vector<float> table = {};
};

/// The blocks that give the columns in their order, of features with categories as codes.
/// Errors: as foreign_features().
Result<std::vector<ForeignBlock>> blocks_of(const FlowColumns& columns,
                                            const ForeignFeatures& features, FlowBudget& budget);

}  // namespace quern::codegen
