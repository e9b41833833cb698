#pragma once
// What is known of a value that a module computes of its rows: which layers of ours stand between
// them. module_reader.cpp follows the module's code; what it meets there is put together here.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compiler/ir/scripted_module.h"

namespace quern::runtime::training {

/// A layer and its tensors by the ends of their names: "weight", "bias".
struct FlowLayer {
  ir::Layer layer;
  std::vector<ir::Tensor> tensors = {};
};

/// Layers one behind the other; shared between values, never changed.
struct FlowTower {
  std::int64_t inputs = 0;  ///< numbers of a row; 0: no layer has told yet
  std::vector<std::shared_ptr<const FlowLayer>> layers = {};
};

/// f32 [rows, width], or [rows] where `flat`.
struct ModuleFlow {
  using Ending = ir::ScriptedModule::Ending;

  std::vector<FlowTower> towers = {{}};  ///< added up
  std::int64_t width = 0;                ///< 0: that of the rows, which no layer has told yet
  bool flat = false;                     ///< width is 1
  /// What is yet to be done to the numbers before the next layer: x * factors + terms, one each or
  /// one for all; empty: nothing.
  std::vector<double> factors = {};
  std::vector<double> terms = {};
  Ending ending = Ending::none;
};

/// A matrix [outputs, inputs] as torch's linear layers have it.
struct FlowMatrix {
  std::int64_t outputs = 0;
  std::int64_t inputs = 0;
  std::vector<float> values;
};

// What a module may do to its rows. Errors of all: not_in_this_version, in words that follow the
// name of an operation: "stands behind a softmax".

/// \param bias  one an output, or empty.
Result<ModuleFlow> push_linear(const ModuleFlow& x, FlowMatrix weight, std::vector<float> bias);
Result<ModuleFlow> push_activation(const ModuleFlow& x, ir::Activation activation);
Result<ModuleFlow> push_dropout(const ModuleFlow& x, double rate);
/// \param tensors  weight, bias, running_mean and running_var, of one size.
Result<ModuleFlow> push_batch_norm(const ModuleFlow& x, const ir::BatchNormLayer& layer,
                                   std::vector<ir::Tensor> tensors);
/// x * factors + terms; each one number, or one for each of x's.
Result<ModuleFlow> push_scale(const ModuleFlow& x, const std::vector<double>& factors,
                              const std::vector<double>& terms);
Result<ModuleFlow> push_softmax(const ModuleFlow& x);
/// The numbers of two values added up: margins of branches that have no layer in common.
Result<ModuleFlow> push_sum(const ModuleFlow& a, const ModuleFlow& b);
/// The same numbers as [rows], or as [rows, width]. Of `flat` only where the width is 1.
Result<ModuleFlow> as_flat(const ModuleFlow& x, bool flat);
/// Says that a row has so many numbers. Where nothing has told yet, it is believed.
Result<ModuleFlow> with_width(const ModuleFlow& x, std::int64_t width);

/// A whole module, of what it returns. Errors: not_in_this_version; corrupt_model, a weight that is
/// not finite.
Result<ir::ScriptedModule> to_module(const ModuleFlow& returned);

/// The layers over columns [0, inputs) of a feature matrix.
ir::Network plain_network(const ir::ScriptedModule& module);

}  // namespace quern::runtime::training
