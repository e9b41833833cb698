#pragma once
// Trees that are too deep or too thin for slices: sixteen rows walk down at once, without a branch.
// Private to codegen/forest.

#include <cstdint>
#include <vector>

#include "codegen/forest/forest.h"

namespace quern::codegen {

/// The right child stands behind the left one. A leaf leads to itself.
struct WalkedNode {
  float value = 0;           ///< threshold, or the leaf's weight
  std::uint32_t column = 0;  ///< of the block
  std::uint32_t left = 0;
  bool inner = false;
  bool default_left = false;
};

struct WalkedTree {
  std::vector<WalkedNode> nodes;
  int depth = 0;
};

/// \param columns  the block's column of each feature. The tree has no categorical split.
WalkedTree make_walked(const Tree& tree, const std::vector<std::uint32_t>& columns);

/// Adds each row's leaf to its sum. \param columns  [kBlockRows] each; sums [kBlockRows].
void add_walked(const WalkedTree& tree, const float* const* columns, float* sums);

}  // namespace quern::codegen
