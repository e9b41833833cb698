// Which operator is which.

#include "codegen/import/operators.h"

#include <algorithm>
#include <string_view>

#include "codegen/import/node_attributes.h"

namespace quern::codegen {
namespace {

Operator find_in(std::span<const NamedOperator> operators, const std::string& name) {
  for (const auto& one : operators)
    if (name == one.name) return one.read;
  return nullptr;
}

}  // namespace

Flow OperatorContext::keep(Constant constant) {
  folded.push_back(std::move(constant));
  Flow out;
  out.form = Flow::Form::constant;
  out.constant = &folded.back();
  return out;
}

Operator find_operator(const GraphNode& node) {
  if (node.domain == "ai.onnx.ml") return find_in(model_operators(), node.op);
  if (!node.domain.empty()) return nullptr;
  const auto layer = find_in(layer_operators(), node.op);
  return layer != nullptr ? layer : find_in(shape_operators(), node.op);
}

bool passes_on(const GraphNode& node) {
  constexpr std::string_view kNames[] = {"Identity", "Dropout", "Cast",     "Flatten",
                                         "Reshape",  "Squeeze", "Unsqueeze"};
  return std::find(std::begin(kNames), std::end(kNames), node.op) != std::end(kNames);
}

std::optional<std::vector<double>> numbers_of(const Flow& flow) {
  if (!flow.is(Flow::Form::constant) || flow.constant == nullptr) return std::nullopt;
  return std::visit(
      [](const auto& values) -> std::optional<std::vector<double>> {
        if constexpr (std::is_same_v<std::decay_t<decltype(values)>, std::vector<std::string>>)
          return std::nullopt;
        else
          return std::vector<double>(values.begin(), values.end());
      },
      flow.constant->values);
}

std::optional<std::vector<std::int64_t>> wholes_of(const Flow& flow) {
  if (!flow.is(Flow::Form::constant) || flow.constant == nullptr) return std::nullopt;
  const auto* values = std::get_if<std::vector<std::int64_t>>(&flow.constant->values);
  return values == nullptr ? std::nullopt : std::optional(*values);
}

Result<std::vector<Flow>> made_by(const GraphNode& node, Result<Flow> flow) {
  if (flow) return std::vector{*std::move(flow)};
  const auto& why = flow.errors().front();
  if (why.code == Code::not_in_this_version) return unread_node(node, why.message);
  return std::move(flow).errors();
}

}  // namespace quern::codegen
