#pragma once
// A network before its rows are known: the layers that a statement asks for, and the rule by which
// they become an ir::Network once the features are fitted.

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/feature_program.h"
#include "compiler/ir/network.h"

namespace quern::ir {

/// One tower as the statement wants it.
struct TowerPlan {
  std::string name;                ///< "dnn", "linear"
  std::vector<Layer> layers = {};  ///< all but the last, which gives the outputs
  bool embeds = false;             ///< categories by themselves are embedded, else one-hot
  /// Above 0: sequences are read step by step. Where there is none of ids, the columns of numbers
  /// are one, so many a step; else they are repeated at each step.
  std::int32_t numbers = 0;
  std::int32_t inputs = 0;  ///< numbers that the first layer reads, where the statement says so
  std::vector<Layer> last = {};  ///< where the statement gave it: outputs are checked; else linear
  friend bool operator==(const TowerPlan&, const TowerPlan&) = default;
};

struct NetworkPlan {
  std::vector<TowerPlan> towers;
  friend bool operator==(const NetworkPlan&, const NetworkPlan&) = default;
};

/// Floats of the vector that is learned for each of so many categories: 1.6 * n^0.56, rounded, from
/// 2 to 50 and not more than n. Rule: fastai's emb_sz_rule, with a lower bound.
std::int32_t embedding_width(std::int64_t categories);

/// Lays a network out over fitted features: dense columns that follow one another are one block.
/// A category that has `rows` codes, of which the code behind the vocabulary is none. Errors:
/// no_features (a tower that reads nothing), attribute_range (more than 2^31 weights), without a
/// span.
Result<Network> lay_out(const NetworkPlan& plan, const FeatureProgram& program,
                        std::int32_t outputs);

/// The layers in words: "dnn: linear 128, relu, linear 64, relu".
std::string plan_words(const NetworkPlan& plan);

}  // namespace quern::ir
