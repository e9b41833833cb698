#pragma once
// A model that scores many rows, whatever its kind.

#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "codegen/forest/kernel.h"
#include "codegen/model.h"
#include "codegen/network/kernel.h"

namespace quern::codegen {

/// A forest or network with its kernel, or a linear model. Threads: const, re-entrant.
class ReadyModel {
 public:
  /// \param choice  must run here.
  explicit ReadyModel(Model model, KernelChoice choice = KernelChoice::automatic)
      : model_(std::move(model)) {
    const auto* forest = std::get_if<Forest>(&model_);
    const auto set = vector_set_of(choice);
    const auto* network = std::get_if<NetworkModel>(&model_);
    if (forest != nullptr && set) kernel_ = make_kernel(*forest, *set);
    if (network != nullptr && set) network_ = make_network_kernel(*network, *set);
  }
  const Model& model() const { return model_; }
  /// Null where the oracle scores.
  const ForestKernel* kernel() const { return kernel_.get(); }
  const ModelShape& shape() const { return shape_of(model_); }
  /// As predict_margins(), bit by bit but for networks.
  void score(const FeatureView& x, std::span<float> out, BaseMargins base = {}) const {
    if (network_) return network_->score(x, out, base);
    kernel_ ? kernel_->score(x, out, base) : predict_margins(model_, x, out, base);
  }
  /// The same of a network, whose groups stand apart.
  void score(const FeatureView& x, GroupRows groups, std::span<float> out,
             BaseMargins base = {}) const {
    if (network_) return network_->score(x, out, base, groups);
    predict_margins(std::get<NetworkModel>(model_), x, out, base, groups);
  }

 private:
  Model model_;
  std::unique_ptr<ForestKernel> kernel_;
  std::unique_ptr<NetworkKernel> network_;
};

}  // namespace quern::codegen
