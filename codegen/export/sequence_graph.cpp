// ONNX keeps the gates of a cell in another order than torch, and both directions of a layer in one
// tensor; what they compute is the same.

#include "codegen/export/sequence_graph.h"

#include <limits>
#include <numeric>
#include <span>

namespace quern::codegen {
namespace {

using Value = GraphBuilder::Value;
using Longs = std::vector<std::int64_t>;
using Floats = std::vector<float>;

/// ONNX's name of a cell, and where torch has the gates that ONNX wants one after the other.
struct CellForm {
  const char* op;
  std::vector<std::size_t> gates;
};

CellForm form_of(ir::Cell cell) {
  switch (cell) {
    case ir::Cell::rnn: return {"RNN", {0}};
    case ir::Cell::lstm: return {"LSTM", {0, 3, 1, 2}};  // i f g o to i o f c
    case ir::Cell::gru: return {"GRU", {1, 0, 2}};       // r z n to z r h
  }
  return {"", {}};
}

/// Appends a tensor of torch's, gate by gate.
void append_gates(std::span<const float> values, const CellForm& form, Floats& out) {
  const auto size = values.size() / form.gates.size();
  for (const auto gate : form.gates) {
    const auto of_gate = values.subspan(gate * size, size);
    out.insert(out.end(), of_gate.begin(), of_gate.end());
  }
}

struct CellNumbers {
  Floats input;  ///< [directions, gates * outputs, inputs]
  Floats state;  ///< [directions, gates * outputs, outputs]
  Floats bias;   ///< [directions, 2 * gates * outputs]: of inputs, then of states
};

CellNumbers numbers_of(const NetworkModel& model, const ir::RecurrentLayer& layer,
                       const std::string& name) {
  const auto form = form_of(layer.cell);
  CellNumbers out;
  for (const std::string direction : {"", "_reverse"}) {
    if (!direction.empty() && !layer.bidirectional) continue;
    append_gates(model.numbers(name + ".weight_ih_l0" + direction), form, out.input);
    append_gates(model.numbers(name + ".weight_hh_l0" + direction), form, out.state);
    append_gates(model.numbers(name + ".bias_ih_l0" + direction), form, out.bias);
    append_gates(model.numbers(name + ".bias_hh_l0" + direction), form, out.bias);
  }
  return out;
}

std::vector<GraphAttribute> attributes_of(const ir::RecurrentLayer& layer) {
  std::vector<GraphAttribute> out = {
      {"hidden_size", std::int64_t{layer.outputs}},
      {"direction", std::string(layer.bidirectional ? "bidirectional" : "forward")}};
  // As in torch, the reset gate scales what the weights make of the state.
  if (layer.cell == ir::Cell::gru) out.push_back({"linear_before_reset", std::int64_t{1}});
  return out;
}

}  // namespace

/// \param ends  f32 [rows, steps], NaN where a sequence has ended.
void SequenceGraph::note_length(const Value& ends) {
  const GraphAttribute kept{"keepdims", std::int64_t{1}};
  const auto ended = out_.cast(out_.is_nan(ends), Element::f32);
  const auto first = out_.node("ArgMax", {ended}, {{"axis", std::int64_t{1}}, kept});
  const auto most = out_.node("ReduceMax", {ended}, {{"axes", Longs{1}}, kept});
  const auto ends_early = out_.node("Greater", {most, out_.constant(Floats{0})});
  const auto length = out_.choose(ends_early, first, out_.constant(Longs{steps_}));
  Longs steps(static_cast<std::size_t>(steps_));
  std::iota(steps.begin(), steps.end(), std::int64_t{0});
  there_ = out_.node("Less", {out_.constant(std::move(steps), {1, steps_}), length});
  longest_ = longest_.empty() ? length : out_.node("Max", {longest_, length});
}

Value SequenceGraph::read(const ir::SequenceBlock& block, const Value& columns) {
  constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
  Longs firsts;
  for (std::int64_t step = 0; step < steps_; ++step) firsts.push_back(step * block.numbers);
  const bool single = block.numbers == 1;
  note_length(single ? columns
                     : out_.node("Gather", {columns, out_.constant(std::move(firsts))},
                                 {{"axis", std::int64_t{1}}}));
  if (block.rows > 0) return out_.choose(there_, columns, out_.constant(Floats{kMissing}));
  const auto shape = out_.constant(Longs{0, steps_, block.numbers});
  const auto numbers = out_.node("Reshape", {columns, shape});
  const auto is_step = out_.node("Unsqueeze", {there_, out_.constant(Longs{2})});
  const auto known = out_.node("And", {is_step, out_.node("Not", {out_.is_nan(numbers)})});
  return out_.choose(known, numbers, out_.constant(Floats{0}));
}

Value SequenceGraph::repeat(const Value& x) {
  const auto once = out_.node("Unsqueeze", {x, out_.constant(Longs{1})});
  return out_.node("Expand", {once, out_.constant(Longs{1, steps_, 1})});
}

/// At least 1: ONNX does not say what no step gives, which is 0 here.
Value SequenceGraph::lengths() {
  if (!lengths_.empty()) return lengths_;
  constexpr std::int64_t kInt32 = 6;  // TensorProto.DataType
  const auto least = out_.node("Max", {longest_, out_.constant(Longs{1})});
  const auto narrow = out_.node("Cast", {least}, {{"to", kInt32}});
  lengths_ = out_.node("Squeeze", {narrow, out_.constant(Longs{1})});
  return lengths_;
}

Value SequenceGraph::zeros_without_steps(const Value& states) {
  const auto has_steps = out_.node("Greater", {longest_, out_.constant(Longs{0})});
  return out_.choose(has_steps, states, out_.constant(Floats{0}));
}

Value SequenceGraph::cells(const ir::RecurrentLayer& layer, const std::string& name, const Value& x,
                           std::int64_t inputs) {
  const auto form = form_of(layer.cell);
  const std::int64_t directions = layer.bidirectional ? 2 : 1;
  const std::int64_t gates = static_cast<std::int64_t>(form.gates.size()) * layer.outputs;
  auto numbers = numbers_of(model_, layer, name);
  const std::vector<Value> operands = {
      x, out_.constant(std::move(numbers.input), {directions, gates, inputs}),
      out_.constant(std::move(numbers.state), {directions, gates, layer.outputs}),
      out_.constant(std::move(numbers.bias), {directions, 2 * gates}), lengths()};
  const auto width = directions * layer.outputs;
  if (layer.whole) {
    const auto all = out_.output_of(0, form.op, operands, attributes_of(layer));
    const auto turned = out_.node("Transpose", {all}, {{"perm", Longs{0, 2, 1, 3}}});
    return out_.node("Reshape", {turned, out_.constant(Longs{0, 0, width})});
  }
  const auto last = out_.output_of(1, form.op, operands, attributes_of(layer));
  const auto turned = out_.node("Transpose", {last}, {{"perm", Longs{1, 0, 2}}});
  return zeros_without_steps(out_.node("Reshape", {turned, out_.constant(Longs{0, width})}));
}

}  // namespace quern::codegen
