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

/// One node. Rule: XGBoost 1.7 `RegTree`; routing `float32(x) < threshold` goes left, NaN the default way.
struct Node {
  std::int32_t left = -1;   ///< index in the tree; -1: this is a leaf
  std::int32_t right = -1;
  std::int32_t feature = 0;
  float value = 0;          ///< threshold of an inner node, weight of a leaf
  bool default_left = false;
  bool categorical = false;
  std::uint32_t categories_begin = 0;  ///< into Tree::categories: a bit set in 32-bit words
  std::uint32_t categories_size = 0;   ///< words
};

struct Tree {
  std::vector<Node> nodes;               ///< root first; never empty
  std::vector<std::uint32_t> categories;  ///< bit c set: category c goes right
  float weight = 1;                      ///< DART's scale of the tree
  std::int32_t output = 0;               ///< the margin it adds to
};

/// The link function that turns margins into predictions.
enum class Link : std::uint8_t { identity, logistic, softmax, exponential, hinge, softmax_class };

struct Forest {
  std::int32_t features = 0;  ///< columns of the feature matrix
  std::int32_t outputs = 1;   ///< margins a row
  float base_margin = 0;      ///< added first, to every output
  Link link = Link::identity;
  std::string objective;
  std::vector<Tree> trees;  ///< in the order their leaves are summed
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
/// Errors: corrupt_model, not_in_this_version (gblinear, multi-output trees).
Result<Forest> read_xgboost_model(std::span<const std::uint8_t> payload);

/// Scores rows tree by tree: slow, obvious, the oracle of every faster kernel.
///
/// \param out f32, shape [x.rows, forest.outputs], margins; sums in float32 in tree order, so they are
///            bit-equal to XGBoost's. Threads: const, re-entrant. Cost: O(rows * trees * depth).
/// Rule: XGBoost 1.7 `Booster.predict(output_margin=True)`, pinned by tests/property.
void predict_margins(const Forest& forest, const FeatureView& x, std::span<float> out);

/// Turns margins [rows, outputs] into predictions in place, in float32 as XGBoost does:
/// probabilities for logistic and softmax, the mean for exponential.
void apply_link(Link link, std::int32_t outputs, std::span<float> margins);

}  // namespace quern::codegen
