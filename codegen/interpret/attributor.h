#pragma once
// How much each feature moved rows' margins, whatever kind of model gave them.

#include <memory>

#include "codegen/forest/kernel.h"
#include "codegen/forest/shap_kernel.h"
#include "codegen/interpret/shap.h"
#include "codegen/model.h"

namespace quern::codegen {

/// Exact Tree SHAP of a forest, the terms of a linear model, or integrated gradients of a network.
/// Threads: one at a time.
class Attributor {
 public:
  /// \param model  must outlive it. \param choice  who explains forests; must run here.
  /// Errors: those of TreeShap::make().
  static Result<Attributor> make(const Model& model, KernelChoice choice = KernelChoice::automatic);

  /// Values a row: for each output one a feature, then the expected margin (the bias).
  std::size_t width() const;

  /// Fills out[x.rows, width()], each row output after output. Each output's values sum to its
  /// margin, up to rounding; of a network see network_gradients.h. The first call of more than a
  /// few rows makes the kernel.
  void explain(const FeatureView& x, std::span<double> out, BaseMargins base = {});

 private:
  Attributor(const Model& model, KernelChoice choice) : model_(model), choice_(choice) {}
  void explain_forest(const FeatureView& x, std::span<double> out, BaseMargins base);

  const Model& model_;
  KernelChoice choice_;
  std::unique_ptr<TreeShap> trees_;     ///< of a forest
  std::unique_ptr<ShapKernel> kernel_;  ///< of `trees_`; null: not needed so far
};

}  // namespace quern::codegen
