// One branch a kind of model.

#include "codegen/interpret/attributor.h"

namespace quern::codegen {

Result<Attributor> Attributor::make(const Model& model) {
  Attributor out(model);
  const auto* forest = std::get_if<Forest>(&model);
  if (forest == nullptr) return out;
  QUERN_TRY(auto trees, TreeShap::make(*forest));
  out.trees_.emplace(std::move(trees));
  return out;
}

std::size_t Attributor::width() const {
  const auto& shape = shape_of(model_);
  return static_cast<std::size_t>(shape.outputs) * (static_cast<std::size_t>(shape.features) + 1);
}

void Attributor::explain(const FeatureView& x, std::int64_t row, std::span<double> out,
                         BaseMargins base) const {
  if (trees_) return trees_->explain(x, row, out, base);
  explain_row(std::get<Linear>(model_), x, row, out, base);
}

}  // namespace quern::codegen
