#pragma once
// What the splits of a forest alone say of its features: no rows are needed.

#include <cstdint>
#include <vector>

#include "codegen/forest/forest.h"

namespace quern::codegen {

/// XGBoost's importances of one feature.
struct Importance {
  std::int64_t splits = 0;  ///< importance_type weight, SQLFlow's fscore
  double gain = 0;          ///< average over the splits; 0 without any
  double cover = 0;         ///< average over the splits; 0 without any
};

/// By feature. Every tree counts alike, DART's weights included. The forest has statistics.
/// Rule: XGBoost 1.7 `Booster.get_score`, which leaves out features without splits; pinned by
/// tests/property.
std::vector<Importance> importances(const Forest& forest);

}  // namespace quern::codegen
