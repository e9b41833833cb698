// Trees grow node by node; thresholds come from few different ones, as histograms give.

#include "made_up_forests.h"

#include <cmath>
#include <limits>

namespace quern::codegen {
namespace {

float threshold(Dice& dice, int feature, int thresholds) {
  const int which = pick(dice, thresholds + 5);
  if (which == thresholds) return -0.0F;
  if (which == thresholds + 1) return std::numeric_limits<float>::denorm_min();
  if (which == thresholds + 2) return std::numeric_limits<float>::max();
  if (which == thresholds + 3) return std::numeric_limits<float>::infinity();
  if (which == thresholds + 4) return -std::numeric_limits<float>::infinity();
  return static_cast<float>(std::sin(which * 7 + feature)) * 10;
}

void split(Dice& dice, const Shape& shape, Tree& tree, std::size_t at) {
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

/// Covers that add up, but for some that are nothing.
void cover(Dice& dice, Tree& tree) {
  tree.nodes[0].cover = 1000;
  for (auto& node : tree.nodes) {
    if (node.left == -1) continue;
    const float part = chance(dice, 0.05) ? 0 : 0.05F * static_cast<float>(1 + pick(dice, 19));
    tree.nodes[static_cast<std::size_t>(node.left)].cover = node.cover * part;
    tree.nodes[static_cast<std::size_t>(node.right)].cover = node.cover - node.cover * part;
  }
}

Tree random_tree(Dice& dice, const Shape& shape) {
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
  cover(dice, tree);
  return tree;
}

}  // namespace

bool chance(Dice& dice, double probability) {
  return std::bernoulli_distribution(probability)(dice);
}

int pick(Dice& dice, int below) { return std::uniform_int_distribution(0, below - 1)(dice); }

Forest random_forest(Dice& dice, const Shape& shape) {
  Forest forest;
  forest.features = shape.features;
  forest.outputs = shape.outputs;
  forest.base_margins.assign(static_cast<std::size_t>(shape.outputs), 0.3F);
  for (int i = 0; i < shape.trees; ++i) forest.trees.push_back(random_tree(dice, shape));
  return forest;
}

float value(Dice& dice, int feature, int thresholds) {
  constexpr auto kInfinity = std::numeric_limits<float>::infinity();
  const float at = threshold(dice, feature, thresholds);
  switch (pick(dice, 10)) {
    case 0: return std::numeric_limits<float>::quiet_NaN();
    case 1: return at;
    case 2: return std::nextafter(at, kInfinity);
    case 3: return std::nextafter(at, -kInfinity);
    case 4: return chance(dice, 0.5) ? kInfinity : -kInfinity;
    case 5: return static_cast<float>(pick(dice, 70));
    case 6: return chance(dice, 0.5) ? 0.0F : -0.0F;
    default: return static_cast<float>(std::uniform_real_distribution(-12.0, 12.0)(dice));
  }
}

Tree chain(int depth) {
  Tree tree;
  tree.nodes.resize(static_cast<std::size_t>(2 * depth + 1));
  for (int level = 0; level < depth; ++level) {
    const auto at = static_cast<std::size_t>(level == 0 ? 0 : 2 * level - 1);
    tree.nodes[at].left = 2 * level + 1;
    tree.nodes[at].right = 2 * level + 2;
    tree.nodes[at].feature = level % 3;
    tree.nodes[at].value = static_cast<float>(depth - level);
    tree.nodes[static_cast<std::size_t>(2 * level + 2)].value = static_cast<float>(level);
  }
  return tree;
}

}  // namespace quern::codegen
