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
  explicit ReadyModel(Model model) : model_(std::move(model)) {
    if (const auto* forest = std::get_if<Forest>(&model_))
      kernel_ = make_kernel(*forest, best_vector_set());
  }
  const Model& model() const { return model_; }
  const ModelShape& shape() const { return shape_of(model_); }
  /// As predict_margins(), bit by bit.
  void score(const FeatureView& x, std::span<float> out, BaseMargins base = {}) const {
    kernel_ ? kernel_->score(x, out, base) : predict_margins(model_, x, out, base);
  }

 private:
  Model model_;
  std::unique_ptr<ForestKernel> kernel_;  ///< null: linear
};

}  // namespace quern::codegen
