// One branch a kind of model, and for forests one for few rows.

#include "codegen/interpret/attributor.h"

#include "codegen/interpret/network_gradients.h"

namespace quern::codegen {
namespace {

/// Making the kernel takes as long as the oracle takes for about so many rows.
constexpr std::int64_t kFewestRows = 12;

/// Calls explain(row, of_row) for each row.
void each_row(const FeatureView& x, std::span<double> out, std::size_t width, auto explain) {
  for (std::int64_t row = 0; row < x.rows; ++row)
    explain(row, out.subspan(static_cast<std::size_t>(row) * width, width));
}

}  // namespace

Result<Attributor> Attributor::make(const Model& model, KernelChoice choice) {
  Attributor out(model, choice);
  const auto* forest = std::get_if<Forest>(&model);
  if (forest == nullptr) return out;
  QUERN_TRY(auto trees, TreeShap::make(*forest));
  out.trees_ = std::make_unique<TreeShap>(std::move(trees));
  return out;
}

std::size_t Attributor::width() const {
  const auto& shape = shape_of(model_);
  return static_cast<std::size_t>(shape.outputs) * (static_cast<std::size_t>(shape.features) + 1);
}

void Attributor::explain(const FeatureView& x, std::span<double> out, BaseMargins base) {
  if (trees_) return explain_forest(x, out, base);
  if (const auto* network = std::get_if<NetworkModel>(&model_)) {
    const auto groups = groups_of(*network, x);
    each_row(x, out, width(), [&](std::int64_t row, std::span<double> of_row) {
      explain_row(*network, x, row, groups, of_row, base);
    });
    return;
  }
  const auto& linear = std::get<Linear>(model_);
  each_row(x, out, width(), [&](std::int64_t row, std::span<double> of_row) {
    explain_row(linear, x, row, of_row, base);
  });
}

void Attributor::explain_forest(const FeatureView& x, std::span<double> out, BaseMargins base) {
  const auto set = vector_set_of(choice_);
  if (!kernel_ && set && x.rows >= kFewestRows)
    kernel_ = make_shap_kernel(std::get<Forest>(model_), *trees_, *set);
  if (kernel_) return kernel_->explain(x, out, base);
  each_row(x, out, width(), [&](std::int64_t row, std::span<double> of_row) {
    trees_->explain(x, row, of_row, base);
  });
}

}  // namespace quern::codegen
