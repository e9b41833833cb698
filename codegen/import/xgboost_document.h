#pragma once
// Trees and linear models as a document of XGBoost's, the form in which they are stored.

#include <cstdint>
#include <string>
#include <vector>

#include "codegen/forest/forest.h"

namespace quern::codegen {

/// What a document says besides trees or weights.
struct DocumentHead {
  std::string objective;  ///< a name of XGBoost's, or ours
  std::int64_t features = 0;
  std::int64_t classes = 0;  ///< of a multiclass model; else 0
};

/// JSON of a gbtree. What trees do not know of themselves, covers and gains, is NaN.
/// \param base  [outputs], margins: each not 0 becomes a tree of a single leaf, bit for bit.
std::vector<std::uint8_t> forest_document(const DocumentHead& head, const std::vector<Tree>& trees,
                                          const std::vector<float>& base);

/// JSON of a gblinear. \param weights  [features + 1, outputs]; the last row is the bias.
std::vector<std::uint8_t> linear_document(const DocumentHead& head,
                                          const std::vector<float>& weights);

}  // namespace quern::codegen
