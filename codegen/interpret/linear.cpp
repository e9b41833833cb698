// The slow and obvious scorer of a linear model, and its attributions. Compiled without fused
// multiply-add, which would round once where XGBoost rounds twice.

#include "codegen/forest/linear.h"

#include <algorithm>
#include <cmath>

namespace quern::codegen {

void predict_margins(const Linear& linear, const FeatureView& x, std::span<float> out,
                     BaseMargins base) {
  const auto outputs = static_cast<std::size_t>(linear.outputs);
  for (std::int64_t row = 0; row < x.rows; ++row) {
    const auto first = first_margins(linear, base, row);
    for (std::int32_t o = 0; o < linear.outputs; ++o) {
      float sum = linear.bias(o) + first[static_cast<std::size_t>(o)];
      for (std::int32_t f = 0; f < linear.features; ++f) {
        const float value = x.at(row, f);
        if (!std::isnan(value)) sum += value * linear.weight(f, o);
      }
      out[static_cast<std::size_t>(row) * outputs + static_cast<std::size_t>(o)] = sum;
    }
  }
}

void explain_row(const Linear& linear, const FeatureView& x, std::int64_t row,
                 std::span<double> out, BaseMargins base) {
  const auto first = first_margins(linear, base, row);
  std::size_t at = 0;
  for (std::int32_t o = 0; o < linear.outputs; ++o) {
    for (std::int32_t f = 0; f < linear.features; ++f) {
      const double value = x.at(row, f);
      out[at++] = std::isnan(value) ? 0 : value * static_cast<double>(linear.weight(f, o));
    }
    out[at++] = static_cast<double>(linear.bias(o)) + first[static_cast<std::size_t>(o)];
  }
}

}  // namespace quern::codegen
