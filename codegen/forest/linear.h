#pragma once
// A linear model as data: XGBoost's gblinear, read by the same reader as forests.

#include <span>
#include <vector>

#include "codegen/forest/model_shape.h"

namespace quern::codegen {

struct Linear : ModelShape {
  /// [features + 1, outputs], finite; the last row is the bias.
  std::vector<float> weights;

  float weight(std::int32_t feature, std::int32_t output) const {
    return weights[static_cast<std::size_t>(feature) * static_cast<std::size_t>(outputs) +
                   static_cast<std::size_t>(output)];
  }
  float bias(std::int32_t output) const { return weight(features, output); }
  friend bool operator==(const Linear&, const Linear&) = default;
};

/// Scores rows feature by feature; a missing value adds nothing.
///
/// \param out f32, shape [x.rows, linear.outputs], margins; sums in float32 in the order of the
///            features, so they are bit-equal to XGBoost's. Threads: const, re-entrant.
/// Rule: XGBoost 1.7 `Booster.predict(output_margin=True)`, pinned by tests/property.
void predict_margins(const Linear& linear, const FeatureView& x, std::span<float> out,
                     BaseMargins base = {});

/// Fills out with features + 1 values for each output: weight * value, 0 where it is missing, then
/// the bias and base margin. Each output's values sum to its margin.
/// Rule: XGBoost 1.7 `pred_contribs` of gblinear, pinned by tests/property.
void explain_row(const Linear& linear, const FeatureView& x, std::int64_t row,
                 std::span<double> out, BaseMargins base = {});

}  // namespace quern::codegen
