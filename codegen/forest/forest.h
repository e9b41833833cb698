#pragma once
// A boosted forest as data: what every kernel scores.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codegen/forest/model_shape.h"

namespace quern::codegen {

/// One node. Rule: XGBoost 1.7 `RegTree`, pinned by tests/property.
///
/// NaN goes the default way. A number goes left if `float32(x) < threshold`. A category goes right
/// if it is in the node's set, else left: so do negative numbers (-0.5 too, -0.0 not), +-inf and
/// whatever lies beyond the bit set; fractions are cut first.
struct Node {
  std::int32_t left = -1;  ///< index in the tree, above the node's own; -1: this is a leaf
  std::int32_t right = -1;
  std::int32_t feature = 0;
  float value = 0;  ///< threshold (never NaN; 0 if categorical) of an inner node, weight of a leaf
  bool default_left = false;
  bool categorical = false;
  std::uint32_t categories_begin = 0;  ///< into Tree::categories: a bit set in 32-bit words
  std::uint32_t categories_size = 0;   ///< words
  float cover = 0;  ///< sum of the second derivatives of the training rows that came here
  float gain = 0;   ///< what the split took off the loss; 0 for a leaf
  friend bool operator==(const Node&, const Node&) = default;
};

struct Tree {
  std::vector<Node> nodes;                ///< breadth first, so the root is 0; never empty
  std::vector<std::uint32_t> categories;  ///< bit c set: category c goes right
  float weight = 1;                       ///< DART's scale of the tree
  std::int32_t output = 0;                ///< the margin it adds to
  friend bool operator==(const Tree&, const Tree&) = default;
};

struct Forest : ModelShape {
  bool statistics =
      true;  ///< every node's cover and gain are known, finite, and the cover not below 0
  std::vector<Tree> trees;  ///< in the order their leaves are summed
  friend bool operator==(const Forest&, const Forest&) = default;
};

/// Scores rows tree by tree: slow, obvious, the oracle of every faster kernel.
///
/// \param out f32, shape [x.rows, forest.outputs], margins; sums in float32 in tree order, so they
/// are
///            bit-equal to XGBoost's. Threads: const, re-entrant. Cost: O(rows * trees * depth).
/// Rule: XGBoost 1.7 `Booster.predict(output_margin=True)`, pinned by tests/property.
void predict_margins(const Forest& forest, const FeatureView& x, std::span<float> out,
                     BaseMargins base = {});

}  // namespace quern::codegen
