#pragma once
// Puts a graph together: names what is between nodes, and makes the small things that lowering says
// over and over.

#include <string>
#include <vector>

#include "codegen/export/graph.h"

namespace quern::codegen {

/// Not thread-safe. A "value" is the name of a tensor in the graph.
class GraphBuilder {
 public:
  using Value = std::string;
  static constexpr const char* kMl = "ai.onnx.ml";

  Graph& graph() { return graph_; }

  Value input(const std::string& name, Element element, std::int64_t width);
  /// Gives `value` the name by which users ask for it. \param width  0: no second dimension.
  void output(const std::string& name, const Value& value, Element element, std::int64_t width);

  Value constant(std::vector<float> values, std::vector<std::int64_t> shape = {});
  Value constant(std::vector<double> values, std::vector<std::int64_t> shape = {});
  Value constant(std::vector<std::int64_t> values, std::vector<std::int64_t> shape = {});

  /// A node with one output. \param stem  how the output is called, with a number behind it.
  Value node(const std::string& op, const std::vector<Value>& inputs,
             std::vector<GraphAttribute> attributes = {}, const std::string& domain = "");
  /// The output at `place` of a node that has several; those before it are left out.
  Value output_of(std::size_t place, const std::string& op, const std::vector<Value>& inputs,
                  std::vector<GraphAttribute> attributes);

  Value cast(const Value& value, Element to);
  /// `where` ? `then` : `other`
  Value choose(const Value& where, const Value& then, const Value& other);
  Value is_nan(const Value& value) { return node("IsNaN", {value}); }
  Value concat(const std::vector<Value>& values, std::int64_t axis = 1);
  /// Numbers or texts for keys of one list. Rule: ai.onnx.ml LabelEncoder.
  Value look_up(const Value& value, GraphAttribute keys, GraphAttribute values,
                GraphAttribute otherwise);

 private:
  template <typename T>
  Value add_constant(std::vector<T> values, std::vector<std::int64_t> shape);
  std::string fresh(const std::string& stem);

  Graph graph_;
  std::size_t count_ = 0;
};

}  // namespace quern::codegen
