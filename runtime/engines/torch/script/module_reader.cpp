// What does not depend on the rows is computed by the library's own operators, branches included;
// what does goes through module_operations.cpp. Submodules and functions are entered as they are
// called. Loops over rows' values, and branches by them, have no end that could be known here.

#include "runtime/engines/torch/module_reader.h"

#define AT_PER_OPERATOR_HEADERS

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <string_view>
#include <unordered_map>

#include "runtime/engines/torch/live_network.h"
#include "runtime/engines/torch/script/module_storage.h"
#include "runtime/engines/torch/script/module_values.h"

namespace quern::runtime::training {
namespace {

using c10::IValue;
using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
using Values = std::vector<ModuleValue>;

constexpr std::size_t kMostSteps = 200000;
constexpr int kMostDepth = 64;

std::string first_line(const std::string& words) { return words.substr(0, words.find('\n')); }

/// What a module's own code ran into: the words behind the last "Error: ", else the first that are
/// there; where it was stands around them.
std::string fault_of(const std::string& words) {
  constexpr std::string_view kError = "Error: ";
  const auto error = words.rfind(kError);
  const auto from = error == std::string::npos ? 0 : error + kError.size();
  const auto begin = words.find_first_not_of(" \n", from);
  return begin == std::string::npos ? "its code fails" : first_line(words.substr(begin));
}

Diagnostic unread(const std::string& what) {
  return {Code::not_in_this_version, "the module is not read: " + what, SourceSpan::none(),
          "stacks of Linear, BatchNorm1d, Dropout and activations are; docs/networks.md says more"};
}

bool is_constant(const ModuleValue& value) { return std::holds_alternative<IValue>(value); }

/// A function or class of torch's that stands for one of our layers, whatever its code is.
bool is_softsign(const std::string& name) {
  return name.find("torch.nn.") != std::string::npos &&
         (name.ends_with(".Softsign") || name.ends_with(".softsign"));
}

bool holds_constants(ModuleStorage& storage, Block& block) {
  for (auto* node : block.nodes()) {
    const bool tensor = node->kind() == torch::jit::prim::Constant &&
                        node->output()->type()->kind() == c10::TypeKind::TensorType;
    if (tensor && !storage.holds(torch::jit::toIValue(node->output()).value_or(IValue())))
      return false;
    for (auto* inner : node->blocks()) {
      if (!holds_constants(storage, *inner)) return false;
    }
  }
  return true;
}

/// Before anything is computed with them: what the module holds, and its code.
Result<void> check_tensors(const torch::jit::Module& module, ModuleStorage storage) {
  bool good = true;
  for (const auto& value : module.attributes()) good = good && storage.holds(value);
  for (auto* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (!function->isGraphFunction()) continue;
    function->ensure_defined();
    good =
        good && holds_constants(storage, *torch::jit::toGraphFunction(*function).graph()->block());
  }
  if (good) return {};
  return Diagnostic{Code::corrupt_model, "the file has not the numbers that a tensor needs"};
}

class Walk {
 public:
  /// What `forward` of a module gives for rows.
  Result<ModuleFlow> run(const torch::jit::Module& module) {
    const auto forward = module.find_method("forward");
    if (!forward) return unread("it has no forward");
    QUERN_TRY(const auto graph, graph_of(forward->function()));
    Values inputs{ModuleValue(IValue(module._ivalue())), ModuleValue(ModuleFlow{})};
    const auto& arguments = forward->function().getSchema().arguments();
    // What has a value by itself need not be given.
    for (auto i = inputs.size(); i < arguments.size() && arguments[i].default_value(); ++i)
      inputs.emplace_back(*arguments[i].default_value());
    if (arguments.size() < 2 || inputs.size() != graph->inputs().size())
      return unread("its forward takes other than the rows");
    QUERN_TRY(auto outputs, call(*graph, std::move(inputs)));
    auto* flow = outputs.size() == 1 ? std::get_if<ModuleFlow>(outputs.data()) : nullptr;
    if (flow == nullptr) return unread("its forward gives other than one tensor of the rows");
    return std::move(*flow);
  }

 private:
  using Known = std::unordered_map<const Value*, ModuleValue>;

  static Result<std::shared_ptr<Graph>> graph_of(torch::jit::Function& function) {
    if (!function.isGraphFunction()) return unread("function " + function.name() + " has no code");
    function.ensure_defined();
    return torch::jit::toGraphFunction(function).graph();
  }

  Result<Values> call(Graph& graph, Values inputs) {
    if (++depth_ > kMostDepth) return unread("its functions call one another too deep");
    Known known;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      known.insert_or_assign(graph.inputs()[i], std::move(inputs[i]));
    QUERN_TRY(auto out, run(*graph.block(), known));
    --depth_;
    return out;
  }

  Result<Values> run(Block& block, Known& known) {
    for (auto* node : block.nodes()) {
      if (++steps_ > kMostSteps) return unread("it has too many steps");
      QUERN_CHECK(run(*node, known));
    }
    return values_of(block.outputs(), known);
  }

  template <typename List>
  static Values values_of(const List& values, const Known& known) {
    Values out;
    for (const auto* value : values) out.push_back(known.at(value));
    return out;
  }

  Result<void> run(Node& node, Known& known) {
    const auto inputs = values_of(node.inputs(), known);
    QUERN_TRY(auto outputs, outputs_of(node, inputs, known));
    if (outputs.size() != node.outputs().size())
      return unread(place(node) + " gives other values than it says");
    for (std::size_t i = 0; i < outputs.size(); ++i)
      known.insert_or_assign(node.outputs()[i], std::move(outputs[i]));
    // What works in place changes the value under its old name, too.
    const std::string name = node.kind().toQualString();
    const bool in_place = name.ends_with("_") && !name.ends_with("__") && !inputs.empty();
    if (in_place && !is_constant(inputs.front()))
      known.insert_or_assign(node.input(0), known.at(node.output(0)));
    return {};
  }

  Result<Values> outputs_of(Node& node, const Values& inputs, Known& known) {
    namespace prim = torch::jit::prim;
    switch (node.kind()) {
      case prim::Constant: return constant(node);
      case prim::Uninitialized: return Values{ModuleValue(IValue())};
      case prim::GetAttr: return attribute(node, inputs);
      case prim::CallMethod: return call_method(node, inputs);
      case prim::CallFunction: return call_function(node, inputs);
      case prim::If: return branch(node, inputs, known);
      case prim::ListConstruct: return list(node, inputs);
      case prim::TupleConstruct: return tuple(node, inputs);
      case prim::RaiseException: return raised(node, inputs);
      case prim::Loop: return unread(place(node) + ": loops are not followed");
      case prim::SetAttr: return unread(place(node) + ": it changes the module");
      default: break;
    }
    if (std::all_of(inputs.begin(), inputs.end(), is_constant)) return compute(node, inputs);
    const auto operation = find_operation(node.kind().toQualString());
    if (operation == nullptr) return unread(place(node) + " has no counterpart here");
    auto output = operation(inputs);
    if (output) return Values{*std::move(output)};
    return unread(place(node) + " " + output.errors().front().message);
  }

  static Result<Values> constant(Node& node) {
    if (node.output()->type()->kind() == c10::TypeKind::FunctionType)
      return Values{ModuleValue(IValue())};
    const auto value = torch::jit::toIValue(node.output());
    return Values{ModuleValue(value.value_or(IValue()))};
  }

  Result<Values> attribute(Node& node, const Values& inputs) const {
    const auto* object = std::get_if<IValue>(inputs.data());
    if (object == nullptr || !object->isObject()) return unread(place(node) + " has no object");
    return Values{ModuleValue(object->toObject()->getAttr(node.s(torch::jit::attr::name)))};
  }

  /// The module's part in front of what is run now: "block.1".
  Result<Values> call_method(Node& node, const Values& inputs) {
    const auto* object = std::get_if<IValue>(inputs.data());
    if (object == nullptr || !object->isObject()) return unread(place(node) + " has no object");
    const auto type = object->toObject()->type();
    const auto& name = node.s(torch::jit::attr::name);
    if (type->name() && name == "forward" && is_softsign(type->name()->qualifiedName()))
      return softsign(node, inputs);
    const auto before = path_;
    const auto* from = node.input(0)->node();
    if (from->kind() == torch::jit::prim::GetAttr)
      path_ += (path_.empty() ? "" : ".") + from->s(torch::jit::attr::name);
    QUERN_TRY(const auto graph, graph_of(type->getMethod(name)));
    QUERN_TRY(auto out, call(*graph, inputs));
    path_ = before;
    return out;
  }

  Result<Values> call_function(Node& node, const Values& inputs) {
    auto* function = node.input(0)->type()->expect<c10::FunctionType>()->function();
    const Values arguments(inputs.begin() + 1, inputs.end());
    if (is_softsign(function->qualname().qualifiedName())) return softsign(node, inputs);
    QUERN_TRY(const auto graph, graph_of(*function));
    return call(*graph, arguments);
  }

  Result<Values> softsign(Node& node, const Values& inputs) const {
    const auto* flow = inputs.size() > 1 ? std::get_if<ModuleFlow>(&inputs[1]) : nullptr;
    if (flow == nullptr) return unread(place(node) + " is not over the rows");
    auto out = push_activation(*flow, ir::Activation::softsign);
    if (out) return Values{ModuleValue(*std::move(out))};
    return unread("softsign in " + place(node) + " " + out.errors().front().message);
  }

  Result<Values> branch(Node& node, const Values& inputs, Known& known) {
    const auto* condition = std::get_if<IValue>(inputs.data());
    if (condition == nullptr || !condition->isBool())
      return unread(place(node) + ": a branch depends on the rows");
    return run(*node.blocks()[condition->toBool() ? 0 : 1], known);
  }

  Result<Values> list(Node& node, const Values& inputs) const {
    if (std::all_of(inputs.begin(), inputs.end(), is_constant)) {
      const auto type = node.output()->type()->expect<c10::ListType>()->getElementType();
      c10::impl::GenericList out(type);
      for (const auto& value : inputs) out.push_back(std::get<IValue>(value));
      return Values{ModuleValue(IValue(out))};
    }
    FlowShape shape;
    for (const auto& value : inputs) {
      const auto* number = std::get_if<IValue>(&value);
      if (number != nullptr && number->isInt())
        shape.emplace_back(number->toInt());
      else if (std::holds_alternative<RowCount>(value))
        shape.emplace_back(RowCount{});
      else
        return unread(place(node) + ": a list of values that come of the rows");
    }
    return Values{ModuleValue(std::move(shape))};
  }

  Result<Values> tuple(Node& node, const Values& inputs) const {
    if (!std::all_of(inputs.begin(), inputs.end(), is_constant))
      return unread(place(node) + ": several values that come of the rows");
    std::vector<IValue> parts;
    for (const auto& value : inputs) parts.push_back(std::get<IValue>(value));
    return Values{ModuleValue(IValue(c10::ivalue::Tuple::create(std::move(parts))))};
  }

  Result<Values> raised(Node& node, const Values& inputs) const {
    const auto* words = std::get_if<IValue>(inputs.data());
    return unread(place(node) + ": it refuses the rows: " +
                  (words != nullptr && words->isString() ? first_line(words->toStringRef()) : ""));
  }

  Result<Values> compute(Node& node, const Values& inputs) const {
    if (node.maybeOperator() == nullptr) return unread(place(node) + " has no counterpart here");
    torch::jit::Stack stack;
    for (const auto& value : inputs) stack.push_back(std::get<IValue>(value));
    node.getOperation()(stack);
    Values out;
    for (auto& value : stack) out.emplace_back(std::move(value));
    return out;
  }

  /// "aten::bmm (in block.attention)".
  std::string place(const Node& node) const {
    return node.kind().toQualString() + (path_.empty() ? "" : " (in " + path_ + ")");
  }

  std::string path_;
  std::size_t steps_ = 0;
  int depth_ = 0;
};

/// Rows of small and large numbers of both signs.
std::vector<float> some_rows(std::int64_t rows, std::int64_t columns) {
  std::vector<float> out(static_cast<std::size_t>(rows * columns));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto step = static_cast<double>(i + 1);
    out[i] = static_cast<float>(std::sin(step * 12.9898) * (1 + std::fmod(step * 0.37, 3)));
  }
  return out;
}

/// The layers' margins of rows.
Result<std::vector<float>> margins_of(const ir::ScriptedModule& module,
                                      const std::vector<float>& values, std::int64_t rows) {
  QUERN_TRY(const auto network, LiveNetwork::make(plain_network(module), 0));
  QUERN_CHECK(network->restore({.metadata = {}, .tensors = module.weights}));
  RowBlock block;
  block.rows = rows;
  block.features = network->network().features;
  block.values = values;
  std::vector<std::int64_t> all(static_cast<std::size_t>(rows));
  std::iota(all.begin(), all.end(), 0);
  std::vector<float> out;
  QUERN_CHECK(network->forward(block, all, false, out));
  return out;
}

/// What the module itself says of rows, in single precision or, where it computes in that, in
/// double.
at::Tensor answers_of(torch::jit::Module& module, std::vector<float> values, std::int64_t rows) {
  const auto columns = static_cast<std::int64_t>(values.size()) / rows;
  const auto x = at::from_blob(values.data(), {rows, columns}, at::kFloat);
  const auto ask = [&](const at::Tensor& of) {
    return module.forward({of}).toTensor().detach().to(at::kCPU, at::kFloat).contiguous();
  };
  try {
    return ask(x);
  } catch (const std::exception&) {
    return ask(x.to(at::kDouble));
  }
}

/// A second opinion: whatever was misread shows here.
Result<void> compare(torch::jit::Module& module, const ir::ScriptedModule& read) {
  constexpr std::int64_t kRows = 16;
  const auto rows = some_rows(kRows, read.plan.towers.front().inputs);
  QUERN_TRY(auto margins, margins_of(read, rows, kRows));
  const auto outputs = static_cast<std::int64_t>(margins.size()) / kRows;
  auto mine = at::from_blob(margins.data(), {kRows, outputs}, at::kFloat);
  using enum ir::ScriptedModule::Ending;
  if (read.ending == sigmoid) mine = mine.sigmoid();
  if (read.ending == softmax) mine = mine.softmax(1);
  const auto theirs = answers_of(module, rows, kRows);
  if (theirs.numel() != mine.numel()) return unread("the layers give other shapes than it gives");
  // A softmax's logarithm is read as the softmax is.
  const auto alike = [&](const at::Tensor& a) {
    return a.reshape({kRows, outputs}).allclose(mine, 1e-3, 1e-5);
  };
  if (alike(theirs) || (read.ending == softmax && alike(theirs.exp()))) return {};
  return unread("the layers give other numbers than it gives");
}

Result<torch::jit::Module> load(const std::vector<std::uint8_t>& file) {
  std::istringstream stream(std::string(file.begin(), file.end()));
  const auto no = [](const std::string& why) {
    return Diagnostic{Code::corrupt_model, "no file of TorchScript: " + why, SourceSpan::none(),
                      "torch.jit.script(module).save(path) writes one; torch.save keeps weights "
                      "without layers"};
  };
  try {
    return torch::jit::load(stream, at::kCPU);
  } catch (const c10::Error& e) {
    return no(fault_of(e.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    return no(fault_of(e.what()));
  }
}

}  // namespace

Result<ir::ScriptedModule> read_module(const std::vector<std::uint8_t>& file) {
  try {
    QUERN_TRY(auto module, load(file));
    QUERN_CHECK(check_tensors(module, ModuleStorage(file)));
    module.eval();
    const c10::AutoGradMode plain(false);
    QUERN_TRY(const auto returned, Walk().run(module));
    auto out = to_module(returned);
    if (!out && out.errors().front().code == Code::not_in_this_version)
      return unread("it " + out.errors().front().message);
    if (!out) return out;
    if (auto good = ir::check(plain_network(*out)); !good)
      return unread(good.errors().front().message);
    QUERN_CHECK(compare(module, *out));
    return out;
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "no memory is left to read the module"};
  } catch (const c10::Error& e) {
    return unread(fault_of(e.what_without_backtrace()));
  } catch (const std::exception& e) {
    return unread(fault_of(e.what()));
  }
}

}  // namespace quern::runtime::training
