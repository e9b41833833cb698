#pragma once
// A boosted forest as data: what every kernel scores. Read from the training library's own model
// format by a reader of ours, so that prediction needs no training library.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

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

/// The link function that turns margins into predictions.
enum class Link : std::uint8_t { identity, logistic, softmax, exponential, hinge, softmax_class };

struct Forest {
  std::int32_t features = 0;              ///< columns of the feature matrix
  std::int32_t outputs = 1;               ///< margins a row
  std::vector<float> base_margins = {0};  ///< [outputs], added first
  Link link = Link::identity;
  std::string objective;
  bool statistics =
      true;  ///< every node's cover and gain are known, finite, and the cover not below 0
  std::vector<Tree> trees;  ///< in the order their leaves are summed
  friend bool operator==(const Forest&, const Forest&) = default;
};

/// Row-major or column-major float32 view of features; NaN is SQL NULL.
struct FeatureView {
  const float* data = nullptr;
  std::int64_t rows = 0;
  std::int32_t features = 0;
  std::int64_t row_stride = 0;      ///< elements from a row to the next
  std::int64_t feature_stride = 0;  ///< elements from a feature to the next
  float at(std::int64_t row, std::int32_t feature) const {
    return data[row * row_stride + feature * feature_stride];
  }
};

/// Reads a gbtree or dart model as XGBoost 1.7 saves it, UBJ or JSON (told apart by content).
/// Checks every index and size, so that a scorer may trust the result. Runs no code of the payload.
/// Refuses NaN thresholds and leaves that are not finite; memory stays within a small multiple of
/// the payload plus 256 MB for category sets. Pruned nodes are left out. Errors: corrupt_model,
/// out_of_memory, not_in_this_version (gblinear, multi-output trees, objectives whose link is not
/// known here).
Result<Forest> read_xgboost_model(std::span<const std::uint8_t> payload);

/// Scores rows tree by tree: slow, obvious, the oracle of every faster kernel.
///
/// \param out f32, shape [x.rows, forest.outputs], margins; sums in float32 in tree order, so they
/// are
///            bit-equal to XGBoost's. Threads: const, re-entrant. Cost: O(rows * trees * depth).
/// Rule: XGBoost 1.7 `Booster.predict(output_margin=True)`, pinned by tests/property.
void predict_margins(const Forest& forest, const FeatureView& x, std::span<float> out);

/// Turns margins [rows, outputs] into predictions in place, in float32 as XGBoost does:
/// probabilities for logistic and softmax, the mean for exponential, 0 or 1 for hinge.
/// softmax_class leaves the class's index in the first element of each row and 0 in the others.
void apply_link(Link link, std::int32_t outputs, std::span<float> margins);

}  // namespace quern::codegen
