#pragma once
// Forests that are made up: shapes and splits that trained models have and some that they do not.

#include <cmath>
#include <limits>
#include <random>

#include "codegen/forest/forest.h"

namespace quern::codegen {

using Dice = std::mt19937;

/// True with this probability.
inline bool chance(Dice& dice, double probability) {
  return std::bernoulli_distribution(probability)(dice);
}

inline int pick(Dice& dice, int below) { return std::uniform_int_distribution(0, below - 1)(dice); }

struct Shape {
  int trees = 10;
  int depth = 4;
  double early = 0;  ///< probability that a node above the last level is a leaf
  int features = 5;
  int outputs = 1;
  int thresholds = 20;     ///< different ones of a feature
  double categorical = 0;  ///< probability that a split is one
  bool weighted = false;
};

inline float threshold(Dice& dice, int feature, int thresholds) {
  const int which = pick(dice, thresholds + 5);
  if (which == thresholds) return -0.0F;
  if (which == thresholds + 1) return std::numeric_limits<float>::denorm_min();
  if (which == thresholds + 2) return std::numeric_limits<float>::max();
  if (which == thresholds + 3) return std::numeric_limits<float>::infinity();
  if (which == thresholds + 4) return -std::numeric_limits<float>::infinity();
  return static_cast<float>(std::sin(which * 7 + feature)) * 10;
}

inline void split(Dice& dice, const Shape& shape, Tree& tree, std::size_t at) {
  auto& node = tree.nodes[at];
  node.feature = pick(dice, shape.features);
  node.default_left = chance(dice, 0.5);
  node.categorical = chance(dice, shape.categorical);
  if (!node.categorical) {
    node.value = threshold(dice, node.feature, shape.thresholds);
  } else {
    node.value = 0;
    node.categories_begin = static_cast<std::uint32_t>(tree.categories.size());
    node.categories_size = static_cast<std::uint32_t>(pick(dice, 3));
    for (std::uint32_t i = 0; i < node.categories_size; ++i)
      tree.categories.push_back(static_cast<std::uint32_t>(dice()));
  }
  node.left = static_cast<std::int32_t>(tree.nodes.size());
  node.right = node.left + 1;
}

inline Tree random_tree(Dice& dice, const Shape& shape) {
  Tree tree;
  tree.output = pick(dice, shape.outputs);
  if (shape.weighted) tree.weight = 0.1F * static_cast<float>(1 + pick(dice, 9));
  std::vector<int> levels = {0};
  tree.nodes.resize(1);
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {
    if (levels[at] < shape.depth && !(chance(dice, shape.early) && at > 0)) {
      split(dice, shape, tree, at);
      tree.nodes.resize(tree.nodes.size() + 2);
      levels.insert(levels.end(), 2, levels[at] + 1);
    } else {
      tree.nodes[at].value = static_cast<float>(std::uniform_real_distribution(-1.0, 1.0)(dice));
    }
  }
  return tree;
}

inline Forest random_forest(Dice& dice, const Shape& shape) {
  Forest forest;
  forest.features = shape.features;
  forest.outputs = shape.outputs;
  forest.base_margins.assign(static_cast<std::size_t>(shape.outputs), 0.3F);
  for (int i = 0; i < shape.trees; ++i) forest.trees.push_back(random_tree(dice, shape));
  return forest;
}

}  // namespace quern::codegen
