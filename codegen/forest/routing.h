#pragma once
// The one definition of which child a row goes to; shared by everything that walks trees.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "codegen/forest/forest.h"

namespace quern::codegen {

/// The first number that XGBoost no longer takes for a category: float32 counts no further one by
/// one.
inline constexpr float kCategoryEnd = 16777216.0F;

inline bool in_categories(const Tree& tree, const Node& node, float x) {
  if (!(x >= 0 && x < kCategoryEnd)) return false;
  const auto category = static_cast<std::uint32_t>(x);
  const auto word = category / 32;
  if (word >= node.categories_size) return false;
  return ((tree.categories[node.categories_begin + word] >> (category % 32)) & 1) != 0;
}

/// Whether a row whose feature has the value `x` goes left at an inner node. Rule: see Node.
inline bool goes_left(const Tree& tree, const Node& node, float x) {
  if (std::isnan(x)) return node.default_left;
  return node.categorical ? !in_categories(tree, node, x) : x < node.value;
}

/// Splits on the longest path.
inline int depth_of(const Tree& tree) {
  std::vector<int> depth(tree.nodes.size(), 0);
  int deepest = 0;
  // Children stand behind their parents.
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    deepest = std::max(deepest, depth[i]);
    if (tree.nodes[i].left == -1) continue;
    depth[static_cast<std::size_t>(tree.nodes[i].left)] = depth[i] + 1;
    depth[static_cast<std::size_t>(tree.nodes[i].right)] = depth[i] + 1;
  }
  return deepest;
}

/// The weight of the leaf that a row comes to.
inline float leaf_of(const Tree& tree, const FeatureView& x, std::int64_t row) {
  const Node* node = tree.nodes.data();
  while (node->left != -1) {
    const bool left = goes_left(tree, *node, x.at(row, node->feature));
    node = &tree.nodes[static_cast<std::size_t>(left ? node->left : node->right)];
  }
  return node->value;
}

}  // namespace quern::codegen
