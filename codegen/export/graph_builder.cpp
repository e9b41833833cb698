// Names and nodes.

#include "codegen/export/graph_builder.h"

#include <utility>

namespace quern::codegen {
namespace {

/// ONNX's number of a type. Rule: onnx.proto, TensorProto.DataType.
std::int64_t type_number(Element element) {
  switch (element) {
    case Element::f32: return 1;
    case Element::int64: return 7;
    case Element::text: return 8;
    case Element::boolean: return 9;
    case Element::f64: return 11;
    case Element::other: break;
  }
  return 0;
}

std::vector<std::int64_t> rows_of(std::int64_t width) {
  return width == 0 ? std::vector<std::int64_t>{-1} : std::vector<std::int64_t>{-1, width};
}

}  // namespace

std::string GraphBuilder::fresh(const std::string& stem) {
  return stem + "_" + std::to_string(count_++);
}

std::string GraphBuilder::input(const std::string& name, Element element, std::int64_t width) {
  graph_.inputs.push_back({name, element, rows_of(width)});
  return name;
}

void GraphBuilder::output(const std::string& name, const Value& value, Element element,
                          std::int64_t width) {
  graph_.nodes.push_back({"Identity", "", {value}, {name}});
  graph_.outputs.push_back({name, element, rows_of(width)});
}

template <typename T>
std::string GraphBuilder::add_constant(std::vector<T> values, std::vector<std::int64_t> shape) {
  const auto name = fresh("constant");
  if (shape.empty()) shape = {static_cast<std::int64_t>(values.size())};
  graph_.constants.push_back({name, std::move(shape), std::move(values)});
  return name;
}

std::string GraphBuilder::constant(std::vector<float> values, std::vector<std::int64_t> shape) {
  return add_constant(std::move(values), std::move(shape));
}

std::string GraphBuilder::constant(std::vector<double> values, std::vector<std::int64_t> shape) {
  return add_constant(std::move(values), std::move(shape));
}

std::string GraphBuilder::constant(std::vector<std::int64_t> values,
                                   std::vector<std::int64_t> shape) {
  return add_constant(std::move(values), std::move(shape));
}

std::string GraphBuilder::node(const std::string& op, const std::vector<Value>& inputs,
                               std::vector<GraphAttribute> attributes, const std::string& domain) {
  const auto out = fresh(op);
  graph_.nodes.push_back({op, domain, inputs, {out}, std::move(attributes)});
  return out;
}

std::string GraphBuilder::output_of(std::size_t place, const std::string& op,
                                    const std::vector<Value>& inputs,
                                    std::vector<GraphAttribute> attributes) {
  const auto out = fresh(op);
  std::vector<std::string> outputs(place);
  outputs.push_back(out);
  graph_.nodes.push_back({op, "", inputs, std::move(outputs), std::move(attributes)});
  return out;
}

std::string GraphBuilder::cast(const Value& value, Element to) {
  return node("Cast", {value}, {{"to", type_number(to)}});
}

std::string GraphBuilder::choose(const Value& where, const Value& then, const Value& other) {
  return node("Where", {where, then, other});
}

std::string GraphBuilder::concat(const std::vector<Value>& values, std::int64_t axis) {
  return values.size() == 1 ? values.front() : node("Concat", values, {{"axis", axis}});
}

std::string GraphBuilder::look_up(const Value& value, GraphAttribute keys, GraphAttribute values,
                                  GraphAttribute otherwise) {
  return node("LabelEncoder", {value}, {std::move(keys), std::move(values), std::move(otherwise)},
              kMl);
}

}  // namespace quern::codegen
