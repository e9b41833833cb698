#pragma once
// A module of torch's, saved as TorchScript: read once as layers of ours with its weights, from
// which a training goes on. Nothing of its code is kept.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/network_plan.h"
#include "compiler/ir/tensors.h"

namespace quern::ir {

struct ScriptedModule {
  /// What the module does to its margins at last, as our links do.
  enum class Ending : std::uint8_t { none, sigmoid, softmax };

  std::string path;  ///< as the statement names the file
  /// Towers with all their layers, the last one linear, and the numbers that they read.
  NetworkPlan plan;
  /// Finite, by the names and shapes of tensor_shapes() of the network laid out.
  std::vector<Tensor> weights;
  Ending ending = Ending::none;
};

/// Numbers that it gives for a row.
std::int32_t outputs_of(const ScriptedModule& module);

/// The module as training for a label takes it up: what it ends in becomes the link of the
/// objective, margins of two classes become their difference, which is one. \param outputs  margins
/// that the label needs. \param objective  a loss's name. Error: class_count.
Result<ScriptedModule> for_label(ScriptedModule module, std::int32_t outputs,
                                 std::string_view objective);

/// Whether a name behind TO TRAIN is that of such a file: *.pt or *.pth.
bool is_module_file(std::string_view name);

}  // namespace quern::ir
