// What a module gives, and what a label needs.

#include "compiler/ir/scripted_module.h"

#include "base/format.h"
#include "base/similar.h"

namespace quern::ir {
namespace {

using Ending = ScriptedModule::Ending;

bool is_of_classes(std::string_view objective) {
  return objective == "logistic" || objective == "cross_entropy" || objective == "hinge";
}

Diagnostic mismatch(std::string message, std::string hint = {}) {
  return {Code::class_count, std::move(message), SourceSpan::none(), std::move(hint)};
}

/// Two rows [2, n] become the second minus the first.
void take_difference(Tensor& tensor) {
  const auto n = tensor.values.size() / 2;
  for (std::size_t i = 0; i < n; ++i)
    tensor.values[i] = static_cast<float>(double{tensor.values[n + i]} - double{tensor.values[i]});
  tensor.values.resize(n);
  tensor.shape.front() = 1;
}

/// Margins of two classes as one, of which the logistic function is the second's softmax.
Result<ScriptedModule> with_one_margin(ScriptedModule module) {
  for (auto& tower : module.plan.towers) {
    if (tower.last.size() > 1)
      return mismatch("the module ends in " + layer_words(tower.last.back()) +
                      ", two classes need margins");
    const auto end = tower.name + ".layer" + std::to_string(tower.layers.size()) + ".";
    for (auto& tensor : module.weights) {
      if (tensor.name.starts_with(end)) take_difference(tensor);
    }
    std::get<LinearLayer>(tower.last.front()).outputs = 1;
  }
  module.ending = Ending::none;
  return module;
}

}  // namespace

std::int32_t outputs_of(const ScriptedModule& module) {
  return std::get<LinearLayer>(module.plan.towers.front().last.front()).outputs;
}

Result<ScriptedModule> for_label(ScriptedModule module, std::int32_t outputs,
                                 std::string_view objective) {
  const auto given = outputs_of(module);
  const bool classes = is_of_classes(objective);
  const bool one = classes && objective != "cross_entropy";
  if (one && given == 2 && module.ending != Ending::sigmoid)
    return with_one_margin(std::move(module));
  if (given != outputs) {
    return mismatch("the module gives " + counted(given, "number") +
                        " for a row, the label needs " + std::to_string(outputs),
                    classes ? "one or two for two classes, else one for each class"
                            : "one for a number, as many as there are for a list");
  }
  if (module.ending == Ending::softmax && (!classes || one))
    return mismatch("the module ends in a softmax, which is for several classes",
                    "save the module that gives the margins");
  if (module.ending == Ending::sigmoid && objective == "cross_entropy")
    return mismatch("the module ends in a sigmoid for each class, classes here exclude one another",
                    "save the module that gives the margins");
  if (module.ending == Ending::sigmoid && !classes && module.plan.towers.size() > 1)
    return mismatch("the module ends in a sigmoid of a sum, which is for two classes",
                    "save the module that gives the margins");
  if (module.ending == Ending::sigmoid && !classes)
    module.plan.towers.front().last.emplace_back(ActivationLayer{Activation::sigmoid});
  module.ending = Ending::none;
  return module;
}

bool is_module_file(std::string_view name) {
  const auto lower = lower_ascii(std::string(name));
  return lower.ends_with(".pt") || lower.ends_with(".pth");
}

}  // namespace quern::ir
