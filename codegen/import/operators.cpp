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
  if (node.domain == "ai.onnx.ml") {
    const auto category = find_in(category_operators(), node.op);
    return category != nullptr ? category : find_in(model_operators(), node.op);
  }
  if (!node.domain.empty()) return nullptr;
  const auto layer = find_in(layer_operators(), node.op);
  return layer != nullptr ? layer : find_in(shape_operators(), node.op);
}

bool passes_on(const GraphNode& node) {
  constexpr std::string_view kNames[] = {"Identity", "Dropout", "Cast",     "Flatten",
                                         "Reshape",  "Squeeze", "Unsqueeze"};
  return std::find(std::begin(kNames), std::end(kNames), node.op) != std::end(kNames);
}

Result<void> check_form(const GraphNode& node, const std::vector<Flow>& inputs) {
  constexpr std::string_view kMovers[] = {"Concat", "Gather", "ArrayFeatureExtractor", "Slice"};
  constexpr std::string_view kCategories[] = {"OneHotEncoder", "LabelEncoder", "CategoryMapper"};
  const auto is_in = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), node.op) != std::end(names);
  };
  const bool moves = passes_on(node) || is_in(kMovers);
  for (const auto& input : inputs) {
    if (input.inner > 0 && !moves) return unread_node(node, "reads a tensor of three dimensions");
    if (moves || is_in(kCategories)) continue;
    if (input.is(Flow::Form::texts)) return unread_node(node, "reads texts");
    if (input.cut) return unread_node(node, "reads numbers without their fractions");
  }
  return {};
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
