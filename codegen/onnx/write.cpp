// Our graph to ONNX's own classes, which protobuf writes.

#include "codegen/onnx/write.h"

#include <onnx/onnx_pb.h>

#include <new>

#include "base/box.h"
#include "base/version.h"

namespace quern::codegen {
namespace {

constexpr std::int64_t kFileVersion = 8;  // of ONNX 1.10 to 1.12, whose operators kOpset are

onnx::TensorProto_DataType type_of(Element element) {
  switch (element) {
    case Element::f32: return onnx::TensorProto_DataType_FLOAT;
    case Element::f64: return onnx::TensorProto_DataType_DOUBLE;
    case Element::int64: return onnx::TensorProto_DataType_INT64;
    case Element::boolean: return onnx::TensorProto_DataType_BOOL;
    case Element::text: return onnx::TensorProto_DataType_STRING;
    case Element::other: break;
  }
  return onnx::TensorProto_DataType_UNDEFINED;
}

void add_port(const Port& port, onnx::ValueInfoProto& out) {
  out.set_name(port.name);
  auto& type = *out.mutable_type()->mutable_tensor_type();
  type.set_elem_type(type_of(port.element));
  for (const auto size : port.shape) {
    auto& dimension = *type.mutable_shape()->add_dim();
    size < 0 ? dimension.set_dim_param("rows") : dimension.set_dim_value(size);
  }
}

void add_constant(const Constant& constant, onnx::TensorProto& out) {
  out.set_name(constant.name);
  for (const auto size : constant.shape) out.add_dims(size);
  std::visit(Overloaded{
                 [&](const std::vector<float>& values) {
                   out.set_data_type(onnx::TensorProto_DataType_FLOAT);
                   out.mutable_float_data()->Add(values.begin(), values.end());
                 },
                 [&](const std::vector<double>& values) {
                   out.set_data_type(onnx::TensorProto_DataType_DOUBLE);
                   out.mutable_double_data()->Add(values.begin(), values.end());
                 },
                 [&](const std::vector<std::int64_t>& values) {
                   out.set_data_type(onnx::TensorProto_DataType_INT64);
                   out.mutable_int64_data()->Add(values.begin(), values.end());
                 },
                 [&](const std::vector<std::string>& values) {
                   out.set_data_type(onnx::TensorProto_DataType_STRING);
                   for (const auto& value : values) out.add_string_data(value);
                 },
             },
             constant.values);
}

void add_attribute(const GraphAttribute& attribute, onnx::AttributeProto& out) {
  out.set_name(attribute.name);
  std::visit(Overloaded{
                 [&](std::int64_t value) {
                   out.set_type(onnx::AttributeProto_AttributeType_INT);
                   out.set_i(value);
                 },
                 [&](float value) {
                   out.set_type(onnx::AttributeProto_AttributeType_FLOAT);
                   out.set_f(value);
                 },
                 [&](const std::string& value) {
                   out.set_type(onnx::AttributeProto_AttributeType_STRING);
                   out.set_s(value);
                 },
                 [&](const std::vector<std::int64_t>& values) {
                   out.set_type(onnx::AttributeProto_AttributeType_INTS);
                   out.mutable_ints()->Add(values.begin(), values.end());
                 },
                 [&](const std::vector<float>& values) {
                   out.set_type(onnx::AttributeProto_AttributeType_FLOATS);
                   out.mutable_floats()->Add(values.begin(), values.end());
                 },
                 [&](const std::vector<std::string>& values) {
                   out.set_type(onnx::AttributeProto_AttributeType_STRINGS);
                   for (const auto& value : values) out.add_strings(value);
                 },
                 [&](const std::vector<double>& values) {
                   out.set_type(onnx::AttributeProto_AttributeType_TENSOR);
                   const auto size = static_cast<std::int64_t>(values.size());
                   add_constant({attribute.name, {size}, values}, *out.mutable_t());
                 },
                 [](std::monostate) {},
             },
             attribute.value);
}

void add_node(const GraphNode& node, onnx::NodeProto& out) {
  out.set_op_type(node.op);
  out.set_domain(node.domain);
  out.set_name(node.outputs.back());  // those before it may be left out
  for (const auto& input : node.inputs) out.add_input(input);
  for (const auto& output : node.outputs) out.add_output(output);
  for (const auto& attribute : node.attributes) add_attribute(attribute, *out.add_attribute());
}

void add_opset(const std::string& domain, std::int64_t version, onnx::ModelProto& out) {
  auto& opset = *out.add_opset_import();
  opset.set_domain(domain);
  opset.set_version(version);
}

onnx::ModelProto model_of(const Graph& graph) {
  onnx::ModelProto out;
  out.set_ir_version(kFileVersion);
  out.set_producer_name("quern");
  out.set_producer_version(version());
  out.set_doc_string(graph.description);
  add_opset("", kOpset, out);
  add_opset("ai.onnx.ml", kMlOpset, out);
  for (const auto& [key, value] : graph.metadata) {
    auto& entry = *out.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  auto& body = *out.mutable_graph();
  body.set_name(graph.name);
  for (const auto& port : graph.inputs) add_port(port, *body.add_input());
  for (const auto& port : graph.outputs) add_port(port, *body.add_output());
  for (const auto& constant : graph.constants) add_constant(constant, *body.add_initializer());
  for (const auto& node : graph.nodes) add_node(node, *body.add_node());
  return out;
}

}  // namespace

Result<std::vector<std::uint8_t>> write_onnx(const Graph& graph) {
  try {
    const auto model = model_of(graph);
    std::vector<std::uint8_t> bytes(model.ByteSizeLong());
    if (model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()))) return bytes;
    return Diagnostic{Code::internal, "ONNX's library does not write the model"};
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while a model is written"};
  } catch (const std::exception& error) {
    return Diagnostic{Code::internal, std::string("ONNX's library failed: ") + error.what()};
  }
}

}  // namespace quern::codegen
