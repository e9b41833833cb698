// Filling trees up, and going down in them.

#include "codegen/forest/row_forest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "codegen/forest/routing.h"

namespace quern::codegen {
namespace {

/// What a number must be for a missing value to go one way wherever it is compared.
constexpr float kAbove = std::numeric_limits<float>::infinity();

/// Nothing lies below -infinity: there, what stands for a missing value would go right.
bool decides_missing(const Node& node) { return !node.default_left || node.value != -kAbove; }

/// Levels below the root; -1 where a split is by categories, or the tree is deeper than `most`.
int depth_of(const Tree& tree, int most) {
  std::vector<int> levels(tree.nodes.size());
  int deepest = 0;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const auto& node = tree.nodes[i];
    deepest = std::max(deepest, levels[i]);
    if (deepest > most) return -1;
    if (node.left == -1) continue;
    if (node.categorical || !decides_missing(node)) return -1;
    levels[static_cast<std::size_t>(node.left)] = levels[i] + 1;
    levels[static_cast<std::size_t>(node.right)] = levels[i] + 1;
  }
  return deepest;
}

/// The leaves that a row comes to in kTrees trees. \param decided  each feature twice: as it is
/// seen by splits that send NaN right, and by those that send it left.
template <int kDepth, std::size_t kTrees>
void go_down(const RowForest::FullNode* nodes, const float* decided, std::uint32_t* leaves) {
  constexpr std::uint32_t kInner = (1U << kDepth) - 1;
  std::array<std::uint32_t, kTrees> at{};
  for (int level = 0; level < kDepth; ++level) {
    for (std::size_t t = 0; t < kTrees; ++t) {
      const auto& node = nodes[t * kInner + at[t]];
      const bool right = decided[node.feature] >= node.threshold;
      at[t] = 2 * at[t] + 1 + static_cast<std::uint32_t>(right);
    }
  }
  for (std::size_t t = 0; t < kTrees; ++t) leaves[t] = at[t] - kInner;
}

}  // namespace

RowForest::RowForest(Forest forest) : forest_(std::move(forest)) {
  for (std::size_t i = 0; i < forest_.trees.size(); ++i) {
    const auto& tree = forest_.trees[i];
    const int depth = depth_of(tree, kDeepest);
    const bool joins = !groups_.empty() && depth >= 0 && groups_.back().depth == depth &&
                       groups_.back().trees < kSide;
    if (!joins) groups_.push_back({i, 0, depth, nodes_.size(), leaves_.size()});
    ++groups_.back().trees;
    if (depth >= 0) fill(tree, depth);
  }
}

/// A leaf above the last level is repeated below; nobody cares what is asked on the way.
void RowForest::fill(const Tree& tree, int depth) {
  const auto inner = (std::size_t{1} << depth) - 1;
  std::vector<std::int32_t> at(2 * inner + 1, 0);
  for (std::size_t i = 0; i < inner; ++i) {
    const auto& node = tree.nodes[static_cast<std::size_t>(at[i])];
    const bool leaf = node.left == -1;
    nodes_.push_back(leaf ? FullNode{}
                          : FullNode{node.value, static_cast<std::uint32_t>(node.feature) * 2 +
                                                     (node.default_left ? 1U : 0U)});
    at[2 * i + 1] = leaf ? at[i] : node.left;
    at[2 * i + 2] = leaf ? at[i] : node.right;
  }
  for (std::size_t i = inner; i < at.size(); ++i)
    leaves_.push_back(tree.nodes[static_cast<std::size_t>(at[i])].value * tree.weight);
}

template <int kDepth>
void RowForest::add_full(const Group& group, const float* decided, std::span<float> sums) const {
  constexpr std::size_t kInner = (std::size_t{1} << kDepth) - 1;
  const auto* nodes = nodes_.data() + group.nodes;
  std::array<std::uint32_t, kSide> leaf{};
  if (group.trees == kSide) {
    go_down<kDepth, kSide>(nodes, decided, leaf.data());
  } else {
    for (std::size_t t = 0; t < group.trees; ++t)
      go_down<kDepth, 1>(nodes + t * kInner, decided, &leaf[t]);
  }
  const auto* leaves = leaves_.data() + group.leaves;
  for (std::size_t t = 0; t < group.trees; ++t) {
    const auto output = static_cast<std::size_t>(forest_.trees[group.first + t].output);
    sums[output] += leaves[t * (kInner + 1) + leaf[t]];
  }
}

void RowForest::add_group(const Group& group, const float* x, const float* decided,
                          std::span<float> sums) const {
  switch (group.depth) {
    case 0: return add_full<0>(group, decided, sums);
    case 1: return add_full<1>(group, decided, sums);
    case 2: return add_full<2>(group, decided, sums);
    case 3: return add_full<3>(group, decided, sums);
    case 4: return add_full<4>(group, decided, sums);
    case 5: return add_full<5>(group, decided, sums);
    case 6: return add_full<6>(group, decided, sums);
    case 7: return add_full<7>(group, decided, sums);
    case 8: return add_full<8>(group, decided, sums);
    default: break;
  }
  const auto& tree = forest_.trees[group.first];
  const FeatureView row{x, 1, forest_.features, 0, 1};
  sums[static_cast<std::size_t>(tree.output)] += leaf_of(tree, row, 0) * tree.weight;
}

void RowForest::add(const float* x, float* room, std::span<float> sums) const {
  for (std::int32_t f = 0; f < forest_.features; ++f) {
    const bool missing = std::isnan(x[f]);
    room[2 * f] = missing ? kAbove : x[f];
    room[2 * f + 1] = missing ? -kAbove : x[f];
  }
  for (const auto& group : groups_) add_group(group, x, room, sums);
}

}  // namespace quern::codegen
