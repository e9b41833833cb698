#pragma once
// A model that scores many rows, whatever its kind.

#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "codegen/forest/kernel.h"
#include "codegen/forest/model.h"

namespace quern::codegen {

/// A forest with its kernel, or a linear model. Threads: const, re-entrant.
class ReadyModel {
 public:
  /// \param choice  must run here.
  explicit ReadyModel(Model model, KernelChoice choice = KernelChoice::automatic)
      : model_(std::move(model)) {
    const auto* forest = std::get_if<Forest>(&model_);
    const auto set = vector_set_of(choice);
    if (forest != nullptr && set) kernel_ = make_kernel(*forest, *set, tree_form_of(choice));
  }
  const Model& model() const { return model_; }
  /// Null where the oracle scores.
  const ForestKernel* kernel() const { return kernel_.get(); }
  const ModelShape& shape() const { return shape_of(model_); }
  /// As predict_margins(), bit by bit.
  void score(const FeatureView& x, std::span<float> out, BaseMargins base = {}) const {
    kernel_ ? kernel_->score(x, out, base) : predict_margins(model_, x, out, base);
  }

 private:
  Model model_;
  std::unique_ptr<ForestKernel> kernel_;
};

}  // namespace quern::codegen
