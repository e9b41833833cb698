// Carries weights between named tensors, tables and layers, and batches through all of them.

#include "runtime/engines/torch/live_network.h"

#include <algorithm>

namespace quern::runtime::training {
namespace {

std::string shape_words(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return out + "]";
}

Result<void> check_shapes(const ir::Network& network, const ir::Tensors& tensors) {
  const auto shapes = ir::tensor_shapes(network);
  for (const auto& shape : shapes) {
    const auto* tensor = tensors.find(shape.name);
    if (tensor == nullptr) {
      return Diagnostic{Code::corrupt_model, "the weights lack tensor " + shape.name};
    }
    if (tensor->shape == shape.shape) continue;
    return Diagnostic{Code::corrupt_model, "tensor " + shape.name + " is " +
                                               shape_words(tensor->shape) + ", the network has " +
                                               shape_words(shape.shape)};
  }
  if (tensors.tensors.size() == shapes.size()) return {};
  return Diagnostic{Code::corrupt_model, "the weights have tensors that the network has not"};
}

/// Calls `move(in the named tensor, in the parameter)` for the places of each weight.
template <typename Move>
void each_place(const Parameter& parameter, std::int64_t tensor_columns, Move move) {
  if (parameter.columns.empty()) {
    for (std::int64_t i = 0; i < parameter.size; ++i) move(i, i);
    return;
  }
  std::int64_t place = 0;
  for (std::int64_t row = 0; row < parameter.shape.front(); ++row) {
    for (const auto column : parameter.columns) move(row * tensor_columns + column, place++);
  }
}

/// The same for a table that is columns [first, first + rows) of a tensor [width, columns].
template <typename Move>
void each_place(const TableShape& shape, std::int64_t tensor_columns, Move move) {
  if (shape.first_column < 0) {
    for (std::int64_t i = 0; i < shape.rows * shape.width; ++i) move(i, i);
    return;
  }
  for (std::int64_t key = 0; key < shape.rows; ++key) {
    for (std::int32_t k = 0; k < shape.width; ++k) {
      move(k * tensor_columns + shape.first_column + key, key * shape.width + k);
    }
  }
}

}  // namespace

LiveNetwork::LiveNetwork(ir::Network network)
    : network_(std::move(network)), layout_(lay_out(network_)) {
  for (const auto& shape : layout_.tables) tables_.emplace_back(shape);
  inputs_.resize(network_.towers.size());
}

Result<std::unique_ptr<LiveNetwork>> LiveNetwork::make(ir::Network network, std::uint64_t seed) {
  auto out = std::unique_ptr<LiveNetwork>(new LiveNetwork(std::move(network)));
  QUERN_TRY(out->graph_, make_graph(out->network_, out->layout_, seed));
  return out;
}

Result<void> LiveNetwork::restore(const ir::Tensors& tensors) {
  QUERN_CHECK(check_shapes(network_, tensors));
  for (auto& parameter : parameters()) {
    const auto& from = *tensors.find(parameter.tensor);
    each_place(parameter, from.shape.back(), [&](std::int64_t in_tensor, std::int64_t here) {
      parameter.values[here] = from.values[static_cast<std::size_t>(in_tensor)];
    });
  }
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    const auto& from = *tensors.find(layout_.tables[t].tensor);
    auto& values = tables_[t].values();
    each_place(
        layout_.tables[t], from.shape.back(), [&](std::int64_t in_tensor, std::int64_t here) {
          values[static_cast<std::size_t>(here)] = from.values[static_cast<std::size_t>(in_tensor)];
        });
  }
  return {};
}

ir::Tensors LiveNetwork::tensors() const {
  ir::Tensors out;
  for (auto& shape : ir::tensor_shapes(network_)) {
    std::int64_t count = 1;
    for (const auto n : shape.shape) count *= n;
    out.tensors.push_back(
        {shape.name, shape.shape, std::vector<float>(static_cast<std::size_t>(count))});
  }
  const auto named = [&](const std::string& name) -> ir::Tensor& {
    return *std::find_if(out.tensors.begin(), out.tensors.end(),
                         [&](const auto& tensor) { return tensor.name == name; });
  };
  for (const auto& parameter : graph_->parameters()) {
    auto& to = named(parameter.tensor);
    each_place(parameter, to.shape.back(), [&](std::int64_t in_tensor, std::int64_t here) {
      to.values[static_cast<std::size_t>(in_tensor)] = parameter.values[here];
    });
  }
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    auto& to = named(layout_.tables[t].tensor);
    const auto& values = tables_[t].values();
    each_place(layout_.tables[t], to.shape.back(), [&](std::int64_t in_tensor, std::int64_t here) {
      to.values[static_cast<std::size_t>(in_tensor)] = values[static_cast<std::size_t>(here)];
    });
  }
  return out;
}

Result<void> LiveNetwork::forward(const RowBlock& block, std::span<const std::int64_t> rows,
                                  bool training, std::vector<float>& margins) {
  if (block.features < network_.features || block.sparse.size() < network_.group_widths.size()) {
    return Diagnostic{Code::engine_failed,
                      "rows have " + std::to_string(block.features) + " columns and " +
                          std::to_string(block.sparse.size()) + " groups, the network reads " +
                          std::to_string(network_.features) + " and " +
                          std::to_string(network_.group_widths.size())};
  }
  for (std::size_t t = 0; t < inputs_.size(); ++t) {
    read_rows(network_.towers[t], layout_.towers[t], block, rows, inputs_[t]);
    look_up(layout_.towers[t], tables_, inputs_[t]);
  }
  margins.resize(rows.size() * static_cast<std::size_t>(network_.outputs));
  return graph_->forward(inputs_, training, margins.data());
}

Result<void> LiveNetwork::backward(const std::vector<float>& slopes, bool anew) {
  QUERN_CHECK(graph_->backward(slopes.data(), anew, inputs_));
  for (std::size_t t = 0; t < inputs_.size(); ++t) {
    collect(layout_.towers[t], inputs_[t], tables_);
  }
  return {};
}

}  // namespace quern::runtime::training
