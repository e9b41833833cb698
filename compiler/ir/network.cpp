// Sizes and words of a network; network_check.cpp says which networks there are, network_json.cpp
// writes them down.

#include "compiler/ir/network.h"

#include <utility>

#include "base/box.h"
#include "base/format.h"

namespace quern::ir {
namespace {

std::int32_t width_of(const Block& block) {
  return std::visit(Overloaded{
                        [](const DenseBlock& b) { return b.count; },
                        [](const OneHotBlock& b) { return b.rows; },
                        [](const EmbeddingBlock& b) { return b.width; },
                        [](const BagBlock& b) { return b.width > 0 ? b.width : b.rows; },
                        [](const SequenceBlock& b) { return b.rows > 0 ? b.width : b.numbers; },
                    },
                    block);
}

std::int32_t width_behind(const Layer& layer, std::int32_t inputs) {
  return std::visit(
      Overloaded{
          [](const LinearLayer& l) { return l.outputs; },
          [](const RecurrentLayer& l) { return l.bidirectional ? 2 * l.outputs : l.outputs; },
          [&](const auto&) { return inputs; },
      },
      layer);
}

/// Rows and width of the vectors that a block learns; 0 rows where it learns none.
std::pair<std::int32_t, std::int32_t> learned(const Block& block) {
  return std::visit(
      Overloaded{
          [](const EmbeddingBlock& b) { return std::pair(b.rows, b.width); },
          [](const BagBlock& b) { return std::pair(b.width > 0 ? b.rows : 0, b.width); },
          [](const SequenceBlock& b) { return std::pair(b.rows, b.width); },
          [](const auto&) { return std::pair(0, 0); },
      },
      block);
}

std::int64_t gates_of(Cell cell) {
  if (cell == Cell::lstm) return 4;
  return cell == Cell::gru ? 3 : 1;
}

void add_recurrent(const RecurrentLayer& layer, std::int64_t inputs, const std::string& prefix,
                   std::vector<TensorShape>& out) {
  const std::int64_t rows = gates_of(layer.cell) * layer.outputs;
  for (const std::string direction : {"", "_reverse"}) {
    if (!direction.empty() && !layer.bidirectional) continue;
    out.push_back({prefix + "weight_ih_l0" + direction, {rows, inputs}});
    out.push_back({prefix + "weight_hh_l0" + direction, {rows, layer.outputs}});
    out.push_back({prefix + "bias_ih_l0" + direction, {rows}});
    out.push_back({prefix + "bias_hh_l0" + direction, {rows}});
  }
}

void add_layer(const Layer& layer, std::int64_t inputs, const std::string& prefix,
               std::vector<TensorShape>& out) {
  if (const auto* linear = std::get_if<LinearLayer>(&layer)) {
    out.push_back({prefix + "weight", {linear->outputs, inputs}});
    if (linear->bias) out.push_back({prefix + "bias", {linear->outputs}});
  } else if (std::holds_alternative<BatchNormLayer>(layer)) {
    out.push_back({prefix + "weight", {inputs}});
    out.push_back({prefix + "bias", {inputs}});
    out.push_back({prefix + "running_mean", {inputs}, false});
    out.push_back({prefix + "running_var", {inputs}, false});
  } else if (const auto* recurrent = std::get_if<RecurrentLayer>(&layer)) {
    add_recurrent(*recurrent, inputs, prefix, out);
  }
}

std::string columns_words(std::int32_t first, std::int32_t count) {
  if (count == 1) return "column " + std::to_string(first);
  return "columns " + std::to_string(first) + " to " + std::to_string(first + count - 1);
}

std::string combiner_words(const BagBlock& bag) {
  return std::string(combiner_name(bag.combiner)) + (bag.weighted ? ", weighted" : "");
}

std::string sequence_words(const SequenceBlock& b) {
  std::string out = std::to_string(b.length) + " steps of " + std::to_string(b.numbers) + ", " +
                    columns_words(b.first, b.length * b.numbers);
  if (b.rows > 0) out += ", embedding of " + std::to_string(b.rows);
  return out;
}

std::string block_words(const Block& block) {
  const auto of = [](std::int32_t n) { return " of " + std::to_string(n); };
  return std::visit(Overloaded{
                        [](const DenseBlock& b) { return columns_words(b.first, b.count); },
                        [&](const OneHotBlock& b) {
                          return "one-hot" + of(b.rows) + ", " + columns_words(b.feature, 1);
                        },
                        [&](const EmbeddingBlock& b) {
                          return "embedding" + of(b.rows) + ", " + columns_words(b.feature, 1);
                        },
                        [&](const BagBlock& b) {
                          const auto group = ", group " + std::to_string(b.group);
                          if (b.width == 0)
                            return "entries" + of(b.rows) + group + (b.weighted ? "" : ", as 1");
                          return "embedding" + of(b.rows) + group + ", " + combiner_words(b);
                        },
                        [](const SequenceBlock& b) { return "sequence: " + sequence_words(b); },
                    },
                    block);
}

/// "; dnn.layer0.weight [64, 11], dnn.layer0.bias [64]" of the tensors whose names begin so.
std::string tensor_words(const std::vector<TensorShape>& shapes, const std::string& prefix) {
  std::string out;
  for (const auto& tensor : shapes) {
    const bool whole = tensor.name == prefix;
    if (!whole && !tensor.name.starts_with(prefix + ".")) continue;
    out += (out.empty() ? "; " : ", ") +
           (whole ? std::string() : tensor.name.substr(prefix.size() + 1) + " ") + "[";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      out += (i == 0 ? "" : ", ") + std::to_string(tensor.shape[i]);
    out += "]";
  }
  return out;
}

std::string dump(const Network& network, const Tower& tower,
                 const std::vector<TensorShape>& shapes) {
  std::string out = tower.name + "\n";
  for (std::size_t i = 0; i < tower.blocks.size(); ++i) {
    const auto name = "block" + std::to_string(i);
    out += "  " + name + ": " + block_words(tower.blocks[i]) + " -> " +
           std::to_string(width_of(tower.blocks[i])) +
           tensor_words(shapes, tower.name + "." + name) + "\n";
  }
  const auto sizes = widths(network, tower);
  for (std::size_t i = 0; i < tower.layers.size(); ++i) {
    const auto name = "layer" + std::to_string(i);
    out += "  " + name + ": " + layer_words(tower.layers[i]) + ", " + std::to_string(sizes[i]) +
           " -> " + std::to_string(sizes[i + 1]) + tensor_words(shapes, tower.name + "." + name) +
           "\n";
  }
  return out;
}

}  // namespace

std::vector<std::int32_t> widths(const Network&, const Tower& tower) {
  std::int32_t width = 0;
  for (const auto& block : tower.blocks) width += width_of(block);
  std::vector<std::int32_t> out{width};
  for (const auto& layer : tower.layers) out.push_back(width_behind(layer, out.back()));
  return out;
}

std::vector<TensorShape> tensor_shapes(const Network& network) {
  std::vector<TensorShape> out;
  for (const auto& tower : network.towers) {
    for (std::size_t i = 0; i < tower.blocks.size(); ++i) {
      const auto [rows, width] = learned(tower.blocks[i]);
      if (rows > 0) out.push_back({tower.name + ".block" + std::to_string(i), {rows, width}});
    }
    const auto sizes = widths(network, tower);
    for (std::size_t i = 0; i < tower.layers.size(); ++i)
      add_layer(tower.layers[i], sizes[i], tower.name + ".layer" + std::to_string(i) + ".", out);
  }
  return out;
}

std::int64_t weight_count(const Network& network) {
  std::int64_t out = 0;
  for (const auto& tensor : tensor_shapes(network)) {
    std::int64_t size = 1;
    for (const auto n : tensor.shape) size *= n;
    out += tensor.trained ? size : 0;
  }
  return out;
}

std::string_view activation_name(Activation activation) {
  switch (activation) {
    case Activation::relu: return "relu";
    case Activation::relu6: return "relu6";
    case Activation::leaky_relu: return "leaky_relu";
    case Activation::elu: return "elu";
    case Activation::selu: return "selu";
    case Activation::gelu: return "gelu";
    case Activation::sigmoid: return "sigmoid";
    case Activation::tanh: return "tanh";
    case Activation::softplus: return "softplus";
    case Activation::softsign: return "softsign";
    case Activation::swish: return "swish";
  }
  return "";
}

std::string_view combiner_name(Combiner combiner) {
  switch (combiner) {
    case Combiner::sum: return "sum";
    case Combiner::mean: return "mean";
    case Combiner::sqrtn: return "sqrtn";
  }
  return "";
}

std::string_view cell_name(Cell cell) {
  switch (cell) {
    case Cell::rnn: return "rnn";
    case Cell::lstm: return "lstm";
    case Cell::gru: return "gru";
  }
  return "";
}

std::string layer_words(const Layer& layer) {
  return std::visit(
      Overloaded{
          [](const LinearLayer& l) {
            return "linear " + std::to_string(l.outputs) + (l.bias ? "" : " without bias");
          },
          [](const ActivationLayer& l) { return std::string(activation_name(l.activation)); },
          [](const DropoutLayer& l) { return "dropout " + format_float(l.rate); },
          [](const BatchNormLayer&) { return std::string("batch norm"); },
          [](const RecurrentLayer& l) {
            return std::string(cell_name(l.cell)) + " " + std::to_string(l.outputs) +
                   (l.bidirectional ? ", both ways" : "") +
                   (l.whole ? ", each step" : ", last step");
          },
      },
      layer);
}

std::string dump(const Network& network) {
  const auto shapes = tensor_shapes(network);
  std::string out;
  for (const auto& tower : network.towers) out += dump(network, tower, shapes);
  return out + counted(weight_count(network), "weight") + "\n";
}

}  // namespace quern::ir
