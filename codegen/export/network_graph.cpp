// Blocks side by side, then layer after layer; what towers end in is added up.

#include "codegen/export/network_graph.h"

#include <cmath>
#include <numeric>

#include "base/box.h"
#include "codegen/export/sequence_graph.h"

namespace quern::codegen {
namespace {

using Value = GraphBuilder::Value;
using Longs = std::vector<std::int64_t>;
using Floats = std::vector<float>;

class NetworkLowering {
 public:
  NetworkLowering(const NetworkModel& model, const Value& matrix, GraphBuilder& out)
      : model_(model), matrix_(matrix), out_(out) {}

  Value lower() {
    auto sum = out_.constant(model_.base_margins);
    for (const auto& tower : model_.network.towers)
      sum = out_.node("Add", {sum, lower_tower(tower)});
    return sum;
  }

 private:
  Value number(float value) { return out_.constant(Floats{value}); }

  Floats numbers(const std::string& name) const {
    const auto found = model_.numbers(name);
    return {found.begin(), found.end()};
  }

  Value columns(std::int64_t first, std::int64_t count) {
    return out_.node("Slice", {matrix_, out_.constant(Longs{first}),
                               out_.constant(Longs{first + count}), out_.constant(Longs{1})});
  }

  Value present(const Value& x) {
    return out_.cast(out_.node("Not", {out_.is_nan(x)}), Element::f32);
  }
  Value zero_for_nan(const Value& x) { return out_.choose(out_.is_nan(x), number(0), x); }

  Value lower_tower(const ir::Tower& tower) {
    SequenceGraph sequences(model_, steps_of(tower), out_);
    auto value = steps_of(tower) > 0 ? blocks_by_step(tower, sequences) : blocks(tower);
    const auto sizes = ir::widths(model_.network, tower);
    for (std::size_t l = 0; l < tower.layers.size(); ++l) {
      const auto name = tower.name + ".layer" + std::to_string(l);
      const auto* cells = std::get_if<ir::RecurrentLayer>(&tower.layers[l]);
      value = cells != nullptr ? sequences.cells(*cells, name, value, sizes[l])
                               : lower_layer(tower.layers[l], name, value, sizes[l]);
    }
    return value;
  }

  /// Of its sequences, which have one length; 0 where there is none.
  static std::int64_t steps_of(const ir::Tower& tower) {
    for (const auto& block : tower.blocks)
      if (const auto* sequence = std::get_if<ir::SequenceBlock>(&block)) return sequence->length;
    return 0;
  }

  static std::string block_name(const ir::Tower& tower, std::size_t b) {
    return tower.name + ".block" + std::to_string(b);
  }

  Value blocks(const ir::Tower& tower) {
    std::vector<Value> parts;
    for (std::size_t b = 0; b < tower.blocks.size(); ++b)
      parts.push_back(lower_block(tower.blocks[b], block_name(tower, b)));
    return out_.concat(parts);
  }

  /// [steps, rows, inputs]; blocks that are no sequence are there at each step.
  Value blocks_by_step(const ir::Tower& tower, SequenceGraph& sequences) {
    std::vector<Value> parts;
    for (std::size_t b = 0; b < tower.blocks.size(); ++b) {
      const auto& block = tower.blocks[b];
      const auto name = block_name(tower, b);
      const auto* sequence = std::get_if<ir::SequenceBlock>(&block);
      parts.push_back(sequence != nullptr ? lower_sequence(*sequence, name, sequences)
                                          : sequences.repeat(lower_block(block, name)));
    }
    return out_.node("Transpose", {out_.concat(parts, 2)}, {{"perm", Longs{1, 0, 2}}});
  }

  Value lower_sequence(const ir::SequenceBlock& block, const std::string& name,
                       SequenceGraph& sequences) {
    auto read = sequences.read(
        block, columns(block.first, static_cast<std::int64_t>(block.length) * block.numbers));
    if (block.rows == 0) return read;
    const auto table = learned_rows(name, block.rows, block.width);
    return out_.node("Gather", {table, row_of(read, block.rows)}, {{"axis", std::int64_t{0}}});
  }

  /// Of what is no sequence.
  Value lower_block(const ir::Block& block, const std::string& name) {
    return std::visit(
        Overloaded{
            [&](const ir::DenseBlock& b) { return zero_for_nan(columns(b.first, b.count)); },
            [&](const ir::OneHotBlock& b) { return one_hot(b); },
            [&](const ir::EmbeddingBlock& b) { return embedding(b, name); },
            [&](const ir::BagBlock& b) { return bag(b, name); },
            [&](const ir::SequenceBlock&) { return matrix_; },
        },
        block);
  }

  Value one_hot(const ir::OneHotBlock& block) {
    Floats codes(static_cast<std::size_t>(block.rows));
    std::iota(codes.begin(), codes.end(), 0.0F);
    const auto range = out_.constant(std::move(codes), {1, block.rows});
    return out_.cast(out_.node("Equal", {columns(block.feature, 1), range}), Element::f32);
  }

  /// A row of zeros stands behind the table, for codes that are no row.
  Value learned_rows(const std::string& name, std::int64_t rows, std::int64_t width) {
    auto table = numbers(name);
    table.resize(table.size() + static_cast<std::size_t>(width), 0);
    return out_.constant(std::move(table), {rows + 1, width});
  }

  /// The row of that table for each code, int64.
  Value row_of(const Value& code, std::int32_t rows) {
    const auto least = out_.node("GreaterOrEqual", {code, number(0)});
    const auto below = out_.node("Less", {code, number(static_cast<float>(rows))});
    const auto known = out_.node("And", {least, below});
    const auto place = out_.choose(known, code, number(static_cast<float>(rows)));
    return out_.cast(place, Element::int64);
  }

  Value embedding(const ir::EmbeddingBlock& block, const std::string& name) {
    const auto table = learned_rows(name, block.rows, block.width);
    const auto row = row_of(columns(block.feature, 1), block.rows);
    const auto flat = out_.node("Squeeze", {row, out_.constant(Longs{1})});
    return out_.node("Gather", {table, flat}, {{"axis", std::int64_t{0}}});
  }

  Value bag(const ir::BagBlock& block, const std::string& name) {
    std::int64_t first = model_.network.features;
    for (std::int32_t g = 0; g < block.group; ++g)
      first += model_.network.group_widths[static_cast<std::size_t>(g)];
    const auto entries = columns(first, block.rows);
    auto weights = block.weighted ? zero_for_nan(entries) : present(entries);
    if (block.width == 0) return weights;
    const auto table = out_.constant(numbers(name), {block.rows, block.width});
    auto sum = out_.node("MatMul", {weights, table});
    if (block.combiner == ir::Combiner::sum) return sum;
    return combined(sum, block.combiner, weights);
  }

  /// Divided by the sum of weights or the root of that of their squares; zeros where that is 0.
  Value combined(const Value& sum, ir::Combiner combiner, const Value& weights) {
    const bool mean = combiner == ir::Combiner::mean;
    const auto each = mean ? weights : out_.node("Mul", {weights, weights});
    auto by =
        out_.node("ReduceSum", {each, out_.constant(Longs{1})}, {{"keepdims", std::int64_t{1}}});
    if (!mean) by = out_.node("Sqrt", {by});
    const auto none = out_.node("Equal", {by, number(0)});
    return out_.node("Div", {sum, out_.choose(none, number(1), by)});
  }

  /// Of what is no layer of cells.
  Value lower_layer(const ir::Layer& layer, const std::string& name, const Value& x,
                    std::int32_t inputs) {
    return std::visit(Overloaded{
                          [&](const ir::LinearLayer& l) { return linear(l, name, x, inputs); },
                          [&](const ir::ActivationLayer& l) { return activate(l.activation, x); },
                          [&](const ir::BatchNormLayer& l) { return normalise(l, name, x); },
                          [&](const auto&) { return x; },
                      },
                      layer);
  }

  Value linear(const ir::LinearLayer& layer, const std::string& name, const Value& x,
               std::int32_t inputs) {
    std::vector<Value> operands = {
        x, out_.constant(numbers(name + ".weight"), {layer.outputs, inputs})};
    if (layer.bias) operands.push_back(out_.constant(numbers(name + ".bias")));
    return out_.node("Gemm", operands, {{"transB", std::int64_t{1}}});
  }

  /// One factor and one term for each column.
  Value normalise(const ir::BatchNormLayer& layer, const std::string& name, const Value& x) {
    auto factor = numbers(name + ".weight"), term = numbers(name + ".bias");
    const auto mean = numbers(name + ".running_mean"), variance = numbers(name + ".running_var");
    for (std::size_t i = 0; i < factor.size(); ++i) {
      const double by = factor[i] / std::sqrt(static_cast<double>(variance[i]) + layer.epsilon);
      factor[i] = static_cast<float>(by);
      term[i] = static_cast<float>(term[i] - by * mean[i]);
    }
    const auto scaled = out_.node("Mul", {x, out_.constant(std::move(factor))});
    return out_.node("Add", {scaled, out_.constant(std::move(term))});
  }

  Value activate(ir::Activation activation, const Value& x) {
    switch (activation) {
      case ir::Activation::relu: return out_.node("Relu", {x});
      case ir::Activation::relu6: return out_.node("Min", {out_.node("Relu", {x}), number(6)});
      case ir::Activation::leaky_relu: return out_.node("LeakyRelu", {x}, {{"alpha", 0.01F}});
      case ir::Activation::elu: return out_.node("Elu", {x});
      case ir::Activation::selu: return out_.node("Selu", {x});
      case ir::Activation::gelu: return gelu(x);
      case ir::Activation::sigmoid: return out_.node("Sigmoid", {x});
      case ir::Activation::tanh: return out_.node("Tanh", {x});
      case ir::Activation::softplus: return out_.node("Softplus", {x});
      case ir::Activation::softsign: return out_.node("Softsign", {x});
      case ir::Activation::swish: return out_.node("Mul", {x, out_.node("Sigmoid", {x})});
    }
    return x;
  }

  Value gelu(const Value& x) {
    const auto error = out_.node("Erf", {out_.node("Div", {x, number(std::sqrt(2.0F))})});
    const auto half = out_.node("Mul", {x, number(0.5F)});
    return out_.node("Mul", {half, out_.node("Add", {error, number(1)})});
  }

  const NetworkModel& model_;
  const Value& matrix_;
  GraphBuilder& out_;
};

}  // namespace

GraphBuilder::Value lower_network(const NetworkModel& model, const GraphBuilder::Value& matrix,
                                  GraphBuilder& out) {
  return NetworkLowering(model, matrix, out).lower();
}

}  // namespace quern::codegen
