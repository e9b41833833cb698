// The interleaved walk: what one row waits for, the fifteen others use.

#include "codegen/forest/walked.h"

#include <algorithm>
#include <array>

#include "codegen/forest/sliced.h"

namespace quern::codegen {
namespace {

constexpr int kRows = 16;

/// As goes_left(), of numbers, and without a branch, which would be mispredicted at every other
/// row.
std::uint32_t next_of(const WalkedNode& node, float x) {
  const bool left = (x < node.value) | ((x != x) & node.default_left);
  return node.left + static_cast<std::uint32_t>(node.inner & !left);
}

}  // namespace

WalkedTree make_walked(const Tree& tree, const std::vector<std::uint32_t>& columns) {
  WalkedTree out;
  // Breadth first anew: {node of the tree, its level}.
  std::vector<std::pair<std::size_t, int>> order = {{0, 0}};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto [at, level] = order[i];
    const auto& node = tree.nodes[at];
    out.depth = std::max(out.depth, level);
    WalkedNode walked{.value = node.value, .left = static_cast<std::uint32_t>(i)};
    if (node.left == -1) {
      walked.value = node.value * tree.weight;
    } else {
      walked.column = columns[static_cast<std::size_t>(node.feature)];
      walked.left = static_cast<std::uint32_t>(order.size());
      walked.inner = true;
      walked.default_left = node.default_left;
      order.emplace_back(node.left, level + 1);
      order.emplace_back(node.right, level + 1);
    }
    out.nodes.push_back(walked);
  }
  return out;
}

void add_walked(const WalkedTree& tree, const float* const* columns, float* sums) {
  const auto* nodes = tree.nodes.data();
  for (std::ptrdiff_t begin = 0; begin < kBlockRows; begin += kRows) {
    std::array<std::uint32_t, kRows> at{};
    for (int step = 0; step < tree.depth; ++step) {
      for (std::size_t row = 0; row < kRows; ++row) {
        const auto& node = nodes[at[row]];
        at[row] = next_of(node, columns[node.column][begin + static_cast<std::ptrdiff_t>(row)]);
      }
    }
    for (std::size_t row = 0; row < kRows; ++row)
      sums[begin + static_cast<std::ptrdiff_t>(row)] += nodes[at[row]].value;
  }
}

}  // namespace quern::codegen
