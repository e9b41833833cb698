#pragma once
// A computation as ONNX describes it: nodes between named tensors. Plain data, so that what lowers
// or reads a model knows nothing of protobuf, and what knows the file knows nothing of models.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace quern::codegen {

/// `other` comes out of files only: what no model here reads.
enum class Element : std::uint8_t { f32, f64, int64, boolean, text, other };

/// A constant tensor; as many values as the shape says, row-major.
struct Constant {
  std::string name;
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>,
               std::vector<std::string>>
      values;
};

/// Without a value: one of a kind that no model here reads, out of a file. Doubles stand in tensors
/// only; lists out of a file may have been tensors of one dimension.
struct GraphAttribute {
  std::string name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>,
               std::vector<std::string>, std::vector<double>, std::monostate>
      value;
};

struct GraphNode {
  std::string op;      ///< "TreeEnsembleRegressor"
  std::string domain;  ///< "" or "ai.onnx.ml"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<GraphAttribute> attributes = {};
  std::string name = {};  ///< of a node that was read
};

/// What goes in or comes out. -1 in the shape: the rows, or a size that the file leaves open.
struct Port {
  std::string name;
  Element element = Element::f32;
  std::vector<std::int64_t> shape;
};

/// Nodes stand in an order in which they can be computed.
struct Graph {
  std::string name;
  std::string description;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Constant> constants;
  std::vector<GraphNode> nodes;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string producer = {};  ///< of a file that was read: "skl2onnx 1.14"
};

/// The versions of ONNX's operators that nodes mean.
inline constexpr std::int64_t kOpset = 15;
inline constexpr std::int64_t kMlOpset = 3;

/// The table of the plug-in `quern_onnx`.
struct GraphWriter {
  /// An ONNX file. Errors: internal (what ONNX's own checker says against it), out_of_memory.
  Result<std::vector<std::uint8_t>> (*write)(const Graph& graph);
};

}  // namespace quern::codegen
