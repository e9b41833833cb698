// Messages to plain data. Field and type numbers: onnx.proto of ONNX 1.12. A reader of our own,
// so that files of strangers meet bounds that we set and fuzz; see docs/decisions/021.

#include "codegen/import/read_onnx.h"

#include <bit>
#include <limits>
#include <new>
#include <optional>

#include "base/utf8.h"
#include "codegen/import/wire.h"

namespace quern::codegen {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Kind = WireField::Kind;

Diagnostic damaged(const std::string& what) {
  return {Code::corrupt_model, "the ONNX file is damaged: " + what};
}

Diagnostic cut() { return damaged("it does not end where it should"); }

Diagnostic not_read(const std::string& what) {
  return {Code::not_in_this_version, "ONNX files with " + what + " are not read"};
}

Result<std::string> text_of(const WireField& field) {
  const auto text = field.text();
  for (std::size_t at = 0; at < text.size();) {
    const auto point = decode_utf8(text, at);
    if (!point.valid) return damaged("a name or text is not UTF-8");
    at += point.size;
  }
  return std::string(text);
}

float to_float(std::uint64_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

// --- Tensors. ---

/// TensorProto.DataType: those whose values become int64.
struct WholeType {
  int number;
  std::size_t size;
  bool has_sign;
};
constexpr WholeType kWholeTypes[] = {{2, 1, false}, {3, 1, true},   {4, 2, false}, {5, 2, true},
                                     {6, 4, true},  {12, 4, false}, {7, 8, true},  {9, 1, false}};
constexpr std::int64_t kFloat = 1, kText = 8, kDouble = 11;

const WholeType* whole_type(std::int64_t number) {
  for (const auto& type : kWholeTypes)
    if (type.number == number) return &type;
  return nullptr;
}

/// What a tensor's message holds before it is known what it means.
struct RawTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t type = 0;
  std::vector<WireField> numbers;  ///< float_data, int32_data, int64_data, double_data
  std::vector<std::string> texts;
  std::optional<Bytes> raw;
  bool elsewhere = false;
};

/// Appends the numbers of a field, which may be packed, each by `take`.
template <typename Take>
bool each_number(const WireField& field, Kind kind, const Take& take) {
  if (field.kind != Kind::bytes) {
    if (field.kind != kind) return false;
    take(field.value);
    return true;
  }
  WireReader reader(field.bytes);
  while (const auto value = reader.packed(kind)) take(*value);
  return !reader.damaged();
}

Result<void> take_field(const WireField& field, RawTensor& out) {
  switch (field.number) {
    case 1: {
      const bool good = each_number(field, Kind::varint, [&](std::uint64_t v) {
        out.shape.push_back(static_cast<std::int64_t>(v));
      });
      if (!good) return cut();
      return {};
    }
    case 2: out.type = field.whole(); return {};
    case 4:
    case 5:
    case 7:
    case 10: out.numbers.push_back(field); return {};
    case 6: {
      QUERN_TRY(auto text, text_of(field));
      out.texts.push_back(std::move(text));
      return {};
    }
    case 8: {
      QUERN_TRY(out.name, text_of(field));
      return {};
    }
    case 9: out.raw = field.bytes; return {};
    case 13: out.elsewhere = true; return {};
    case 14: out.elsewhere = out.elsewhere || field.whole() == 1; return {};
    default: return {};
  }
}

/// The number of values that a shape asks for; nullopt where there cannot be so many.
std::optional<std::size_t> count_of(const std::vector<std::int64_t>& shape) {
  std::size_t out = 1;
  for (const auto size : shape) {
    if (size < 0 || size > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    out *= static_cast<std::size_t>(size);
    if (out > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  }
  return out;
}

/// Little-endian numbers of `size` bytes, each by `take`.
template <typename Take>
bool each_raw(Bytes raw, std::size_t size, const Take& take) {
  if (raw.size() % size != 0) return false;
  for (; !raw.empty(); raw = raw.subspan(size)) {
    std::uint64_t bits = 0;
    for (std::size_t i = size; i-- > 0;) bits = bits << 8U | raw[i];
    take(bits);
  }
  return true;
}

/// All numbers of a tensor, wherever it keeps them.
template <typename Take>
bool each_value(const RawTensor& tensor, std::size_t size, Kind kind, const Take& take) {
  if (tensor.raw) return each_raw(*tensor.raw, size, take);
  for (const auto& field : tensor.numbers)
    if (!each_number(field, kind, take)) return false;
  return true;
}

std::int64_t extended(std::uint64_t bits, const WholeType& type) {
  const auto unused = 64 - 8 * static_cast<unsigned>(type.size);
  const auto shifted = bits << unused;
  return type.has_sign ? static_cast<std::int64_t>(shifted) >> unused
                       : static_cast<std::int64_t>(shifted >> unused);
}

Result<Constant> constant_of(RawTensor tensor) {
  const auto called = "tensor " + tensor.name;
  if (tensor.elsewhere) return not_read("tensors that are kept in other files (" + called + ")");
  bool good = true;
  Constant out{std::move(tensor.name), std::move(tensor.shape), {}};
  if (tensor.type == kFloat) {
    std::vector<float> values;
    good =
        each_value(tensor, 4, Kind::fixed32, [&](auto bits) { values.push_back(to_float(bits)); });
    out.values = std::move(values);
  } else if (tensor.type == kDouble) {
    std::vector<double> values;
    good = each_value(tensor, 8, Kind::fixed64,
                      [&](auto bits) { values.push_back(std::bit_cast<double>(bits)); });
    out.values = std::move(values);
  } else if (const auto* type = whole_type(tensor.type)) {
    std::vector<std::int64_t> values;
    good = each_value(tensor, type->size, Kind::varint,
                      [&](auto bits) { values.push_back(extended(bits, *type)); });
    out.values = std::move(values);
  } else if (tensor.type == kText) {
    out.values = std::move(tensor.texts);
  } else {
    return not_read(called + " of type number " + std::to_string(tensor.type));
  }
  const auto wanted = count_of(out.shape);
  const auto held = std::visit([](const auto& v) { return v.size(); }, out.values);
  if (good && wanted && *wanted == held) return out;
  return damaged(called + " has another number of values than its shape says");
}

Result<Constant> read_tensor(Bytes message) {
  RawTensor tensor;
  WireReader reader(message);
  while (const auto field = reader.next()) QUERN_CHECK(take_field(*field, tensor));
  if (reader.damaged()) return cut();
  return constant_of(std::move(tensor));
}

// --- Nodes. ---

/// An attribute's message: of its fields the one that its type names counts.
struct RawAttribute {
  std::string name;
  std::int64_t type = 0;
  float number = 0;
  std::int64_t whole = 0;
  std::string text;
  std::optional<Bytes> tensor;
  std::vector<float> numbers;
  std::vector<std::int64_t> wholes;
  std::vector<std::string> texts;
};

Result<void> take_field(const WireField& field, RawAttribute& out) {
  bool good = true;
  switch (field.number) {
    case 1: {
      QUERN_TRY(out.name, text_of(field));
      break;
    }
    case 2: out.number = to_float(field.value); break;
    case 3: out.whole = field.whole(); break;
    case 4: {
      QUERN_TRY(out.text, text_of(field));
      break;
    }
    case 5: out.tensor = field.bytes; break;
    case 7:
      good = each_number(field, Kind::fixed32, [&](auto v) { out.numbers.push_back(to_float(v)); });
      break;
    case 8:
      good = each_number(field, Kind::varint,
                         [&](auto v) { out.wholes.push_back(static_cast<std::int64_t>(v)); });
      break;
    case 9: {
      QUERN_TRY(auto text, text_of(field));
      out.texts.push_back(std::move(text));
      break;
    }
    case 20: out.type = field.whole(); break;
    default: break;
  }
  if (!good) return cut();
  return {};
}

/// Rule: AttributeProto.AttributeType.
GraphAttribute attribute_of(RawAttribute raw) {
  GraphAttribute out{std::move(raw.name), std::monostate{}};
  switch (raw.type) {
    case 1: out.value = raw.number; break;
    case 2: out.value = raw.whole; break;
    case 3: out.value = std::move(raw.text); break;
    case 6: out.value = std::move(raw.numbers); break;
    case 7: out.value = std::move(raw.wholes); break;
    case 8: out.value = std::move(raw.texts); break;
    default: break;
  }
  return out;
}

/// A list of the numbers or texts of a tensor; without a value where it is no list.
Result<void> take_tensor(Bytes message, GraphAttribute& out) {
  auto tensor = read_tensor(message);
  if (!tensor && tensor.errors().front().code == Code::not_in_this_version) return {};
  if (!tensor) return std::move(tensor).errors();
  if (tensor->shape.size() != 1) return {};
  std::visit([&](auto& values) { out.value = std::move(values); }, tensor->values);
  return {};
}

/// A node, and the tensor that its attribute `value` holds.
struct RawNode {
  GraphNode node;
  std::optional<Bytes> tensor;
};

Result<void> read_attribute(Bytes message, RawNode& out) {
  RawAttribute raw;
  WireReader reader(message);
  while (const auto field = reader.next()) QUERN_CHECK(take_field(*field, raw));
  if (reader.damaged()) return cut();
  constexpr std::int64_t kTensor = 4;
  const auto tensor = raw.type == kTensor ? raw.tensor : std::nullopt;
  auto& attribute = out.node.attributes.emplace_back(attribute_of(std::move(raw)));
  if (!tensor) return {};
  if (attribute.name != "value") return take_tensor(*tensor, attribute);
  out.tensor = tensor;
  return {};
}

Result<void> take_field(const WireField& field, RawNode& out) {
  auto& node = out.node;
  switch (field.number) {
    case 5: return read_attribute(field.bytes, out);
    case 1:
    case 2: {
      QUERN_TRY(auto name, text_of(field));
      (field.number == 1 ? node.inputs : node.outputs).push_back(std::move(name));
      return {};
    }
    case 3:
    case 4: {
      QUERN_TRY((field.number == 3 ? node.name : node.op), text_of(field));
      return {};
    }
    case 7: {
      QUERN_TRY(node.domain, text_of(field));
      if (node.domain == "ai.onnx") node.domain.clear();
      return {};
    }
    default: return {};
  }
}

/// What a Constant holds in an attribute other than a tensor.
std::optional<Constant> plain_constant(const GraphNode& node) {
  if (node.attributes.size() != 1) return std::nullopt;
  const auto size = [](const auto& values) { return static_cast<std::int64_t>(values.size()); };
  Constant out{node.outputs.front(), {}, {}};
  const auto& value = node.attributes.front().value;
  if (const auto* one = std::get_if<float>(&value)) {
    out.values = std::vector{*one};
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out.values = std::vector{*whole};
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out.values = std::vector{*text};
  } else if (const auto* numbers = std::get_if<std::vector<float>>(&value)) {
    out = {out.name, {size(*numbers)}, *numbers};
  } else if (const auto* wholes = std::get_if<std::vector<std::int64_t>>(&value)) {
    out = {out.name, {size(*wholes)}, *wholes};
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    out = {out.name, {size(*texts)}, *texts};
  } else {
    return std::nullopt;
  }
  return out;
}

Result<void> read_node(Bytes message, Graph& out) {
  RawNode raw;
  WireReader reader(message);
  while (const auto field = reader.next()) QUERN_CHECK(take_field(*field, raw));
  if (reader.damaged()) return cut();
  auto& node = raw.node;
  if (node.op == "Constant" && node.domain.empty() && node.outputs.size() == 1) {
    if (raw.tensor) {
      QUERN_TRY(auto constant, read_tensor(*raw.tensor));
      constant.name = node.outputs.front();
      out.constants.push_back(std::move(constant));
      return {};
    }
    if (auto constant = plain_constant(node)) {
      out.constants.push_back(*std::move(constant));
      return {};
    }
  }
  out.nodes.push_back(std::move(node));
  return {};
}

// --- What goes in and out. ---

Element element_of(std::int64_t type) {
  if (type == kFloat) return Element::f32;
  if (type == kDouble) return Element::f64;
  if (type == kText) return Element::text;
  constexpr std::int64_t kBoolean = 9;
  if (type == kBoolean) return Element::boolean;
  return whole_type(type) != nullptr ? Element::int64 : Element::other;
}

Result<void> read_shape(Bytes message, Port& out) {
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number != 1) continue;
    std::int64_t size = -1;
    WireReader dimension(field->bytes);
    while (const auto part = dimension.next())
      if (part->number == 1 && part->kind == Kind::varint && part->whole() > 0)
        size = part->whole();
    if (dimension.damaged()) return cut();
    out.shape.push_back(size);
  }
  if (reader.damaged()) return cut();
  return {};
}

Result<void> read_tensor_type(Bytes message, Port& out) {
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1) out.element = element_of(field->whole());
    if (field->number == 2) QUERN_CHECK(read_shape(field->bytes, out));
  }
  if (reader.damaged()) return cut();
  return {};
}

Result<void> read_port(Bytes message, std::vector<Port>& ports) {
  Port out{"", Element::other, {}};
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1) {
      QUERN_TRY(out.name, text_of(*field));
    }
    if (field->number != 2) continue;
    WireReader type(field->bytes);
    while (const auto kind = type.next())
      if (kind->number == 1) QUERN_CHECK(read_tensor_type(kind->bytes, out));
    if (type.damaged()) return cut();
  }
  if (reader.damaged()) return cut();
  ports.push_back(std::move(out));
  return {};
}

// --- Graph and model. ---

Result<void> read_graph(Bytes message, Graph& out) {
  WireReader reader(message);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1: QUERN_CHECK(read_node(field->bytes, out)); break;
      case 2: {
        QUERN_TRY(out.name, text_of(*field));
        break;
      }
      case 5: {
        QUERN_TRY(auto constant, read_tensor(field->bytes));
        out.constants.push_back(std::move(constant));
        break;
      }
      case 11: QUERN_CHECK(read_port(field->bytes, out.inputs)); break;
      case 12: QUERN_CHECK(read_port(field->bytes, out.outputs)); break;
      case 15: return not_read("sparse tensors");
      default: break;
    }
  }
  if (reader.damaged()) return cut();
  return {};
}

Result<void> read_metadata(Bytes message, Graph& out) {
  std::pair<std::string, std::string> entry;
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number != 1 && field->number != 2) continue;
    QUERN_TRY((field->number == 1 ? entry.first : entry.second), text_of(*field));
  }
  if (reader.damaged()) return cut();
  out.metadata.push_back(std::move(entry));
  return {};
}

Result<Graph> read_model(Bytes message) {
  Graph out;
  std::string version;
  bool has_graph = false;
  WireReader reader(message);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 2: {
        QUERN_TRY(out.producer, text_of(*field));
        break;
      }
      case 3: {
        QUERN_TRY(version, text_of(*field));
        break;
      }
      case 7:
        if (has_graph) return damaged("it has two graphs");
        has_graph = true;
        QUERN_CHECK(read_graph(field->bytes, out));
        break;
      case 14: QUERN_CHECK(read_metadata(field->bytes, out)); break;
      default: break;
    }
  }
  if (reader.damaged()) return cut();
  if (!has_graph) return damaged("it has no graph");
  if (!version.empty()) out.producer += " " + version;
  return out;
}

}  // namespace

bool may_be_onnx(Bytes bytes) {
  constexpr std::uint8_t kFormatVersion = 0x08;
  return !bytes.empty() && bytes.front() == kFormatVersion;
}

Result<Graph> read_onnx(Bytes bytes) {
  try {
    return read_model(bytes);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the model does not fit into memory"};
  }
}

}  // namespace quern::codegen
