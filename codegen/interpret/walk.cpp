// The slow and obvious scorer of a forest, and the link functions. Every faster kernel must give
// the same bits; XGBoost's own predictor is the judge of both. Compiled without fused multiply-add.

#include <algorithm>
#include <cmath>

#include "codegen/forest/forest.h"
#include "codegen/forest/routing.h"

namespace quern::codegen {
namespace {

/// XGBoost bounds the exponent so that expf does not overflow.
float logistic(float margin) { return 1.0F / (expf(std::min(-margin, 88.7F)) + 1.0F); }

/// Sums in double, divides in float32: as XGBoost does.
void softmax(std::span<float> row) {
  const float largest = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (float& value : row) {
    value = expf(value - largest);
    sum += value;
  }
  for (float& value : row) value /= static_cast<float>(sum);
}

void keep_class(std::span<float> row) {
  const auto best = std::max_element(row.begin(), row.end()) - row.begin();
  std::fill(row.begin(), row.end(), 0.0F);
  row[0] = static_cast<float>(best);
}

void each_value(std::span<float> margins, float (*link)(float)) {
  for (float& value : margins) value = link(value);
}

void each_row(std::span<float> margins, std::size_t outputs, void (*link)(std::span<float>)) {
  for (std::size_t at = 0; at + outputs <= margins.size(); at += outputs) {
    link(margins.subspan(at, outputs));
  }
}

}  // namespace

std::span<const float> first_margins(const ModelShape& shape, BaseMargins base, std::int64_t row) {
  if (base.empty()) return shape.base_margins;
  const auto outputs = static_cast<std::size_t>(shape.outputs);
  return base.subspan(static_cast<std::size_t>(row) * outputs, outputs);
}

void predict_margins(const Forest& forest, const FeatureView& x, std::span<float> out,
                     BaseMargins base) {
  const auto outputs = static_cast<std::size_t>(forest.outputs);
  for (std::int64_t row = 0; row < x.rows; ++row) {
    const auto sums = out.subspan(static_cast<std::size_t>(row) * outputs, outputs);
    const auto first = first_margins(forest, base, row);
    std::copy(first.begin(), first.end(), sums.begin());
    for (const auto& tree : forest.trees) {
      sums[static_cast<std::size_t>(tree.output)] += leaf_of(tree, x, row) * tree.weight;
    }
  }
}

void apply_link(Link link, std::int32_t outputs, std::span<float> margins) {
  const auto width = static_cast<std::size_t>(outputs);
  switch (link) {
    case Link::identity:
    case Link::shares: return;
    case Link::logistic: return each_value(margins, logistic);
    case Link::exponential: return each_value(margins, [](float m) { return expf(m); });
    case Link::hinge: return each_value(margins, [](float m) { return m > 0 ? 1.0F : 0.0F; });
    case Link::softmax: return each_row(margins, width, softmax);
    case Link::softmax_class: return each_row(margins, width, keep_class);
  }
}

}  // namespace quern::codegen
