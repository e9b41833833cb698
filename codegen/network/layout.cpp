// From a tower to what the kernel runs: folding, packing, splitting the first layer.

#include "codegen/network/layout.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "base/box.h"

namespace quern::codegen {
namespace {

/// The weights of a linear layer while others are folded into them.
struct Dense {
  std::size_t inputs = 0;
  std::vector<double> weight;  ///< [outputs, inputs]
  std::vector<double> bias;    ///< [outputs]
};

struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

using Folded = std::variant<Dense, Affine, ir::Activation>;

std::string name_of(const ir::Tower& tower, const char* part, std::size_t i) {
  return tower.name + "." + part + std::to_string(i);
}

Affine affine_of(const NetworkModel& model, const std::string& name, const ir::BatchNormLayer& of) {
  const auto weight = model.numbers(name + ".weight");
  const auto bias = model.numbers(name + ".bias");
  const auto mean = model.numbers(name + ".running_mean");
  const auto variance = model.numbers(name + ".running_var");
  Affine out;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const double scale = weight[i] / std::sqrt(static_cast<double>(variance[i]) + of.epsilon);
    out.scale.push_back(scale);
    out.shift.push_back(bias[i] - mean[i] * scale);
  }
  return out;
}

/// Takes the layers one by one; what only scales goes into the weights before or behind it.
class Folder {
 public:
  void add(Dense dense) {
    if (waiting_) {
      for (std::size_t o = 0; o < dense.bias.size(); ++o) {
        double* row = dense.weight.data() + o * dense.inputs;
        for (std::size_t i = 0; i < dense.inputs; ++i) {
          dense.bias[o] += row[i] * waiting_->shift[i];
          row[i] *= waiting_->scale[i];
        }
      }
      waiting_.reset();
    }
    out_.emplace_back(std::move(dense));
  }

  void add(const Affine& affine) {
    auto* before = out_.empty() ? nullptr : std::get_if<Dense>(&out_.back());
    if (waiting_) {
      for (std::size_t i = 0; i < affine.scale.size(); ++i) {
        waiting_->scale[i] *= affine.scale[i];
        waiting_->shift[i] = waiting_->shift[i] * affine.scale[i] + affine.shift[i];
      }
    } else if (before != nullptr) {
      for (std::size_t o = 0; o < affine.scale.size(); ++o) {
        double* row = before->weight.data() + o * before->inputs;
        for (std::size_t i = 0; i < before->inputs; ++i) row[i] *= affine.scale[o];
        before->bias[o] = before->bias[o] * affine.scale[o] + affine.shift[o];
      }
    } else {
      waiting_ = affine;
    }
  }

  void add(ir::Activation activation) {
    flush();
    out_.emplace_back(activation);
  }

  std::vector<Folded> take() {
    flush();
    return std::move(out_);
  }

 private:
  void flush() {
    if (waiting_) out_.emplace_back(*std::move(waiting_));
    waiting_.reset();
  }

  std::vector<Folded> out_;
  std::optional<Affine> waiting_;
};

Dense dense_of(const NetworkModel& model, const std::string& name, std::size_t outputs) {
  const auto weight = model.numbers(name + ".weight");
  const auto bias = model.numbers(name + ".bias");
  Dense out{
      .inputs = weight.size() / outputs, .weight = {weight.begin(), weight.end()}, .bias = {}};
  out.bias.assign(bias.begin(), bias.end());
  out.bias.resize(outputs);
  return out;
}

/// \param from  the first layer behind those of cells.
std::vector<Folded> fold(const NetworkModel& model, const ir::Tower& tower, std::size_t from) {
  Folder folder;
  for (auto i = from; i < tower.layers.size(); ++i) {
    const auto name = name_of(tower, "layer", i);
    std::visit(Overloaded{
                   [&](const ir::LinearLayer& l) {
                     folder.add(dense_of(model, name, static_cast<std::size_t>(l.outputs)));
                   },
                   [&](const ir::ActivationLayer& l) { folder.add(l.activation); },
                   [&](const ir::BatchNormLayer& l) { folder.add(affine_of(model, name, l)); },
                   [](const auto&) {},
               },
               tower.layers[i]);
  }
  return folder.take();
}

/// Packs some inputs of a layer: those that `is_in`, in their order.
PackedWeights pack(const Dense& dense, const std::vector<bool>& is_in) {
  const auto outputs = dense.bias.size();
  PackedWeights out{
      .inputs = static_cast<std::int32_t>(std::count(is_in.begin(), is_in.end(), true)),
      .outputs = static_cast<std::int32_t>(outputs)};
  const auto inputs = static_cast<std::size_t>(out.inputs);
  out.weights = AlignedFloats(out.padded() * inputs);
  out.bias = AlignedFloats(out.padded());
  for (std::size_t o = 0; o < outputs; ++o) {
    float* to = out.weights.data() + o / kTile * inputs * kTile + o % kTile;
    const double* from = dense.weight.data() + o * dense.inputs;
    for (std::size_t i = 0; i < dense.inputs; ++i) {
      if (!is_in[i]) continue;
      *to = static_cast<float>(from[i]);
      to += kTile;
    }
    out.bias.data()[o] = static_cast<float>(dense.bias[o]);
  }
  return out;
}

bool is_looked_up(const ir::Block& block) {
  const auto* bag = std::get_if<ir::BagBlock>(&block);
  return std::holds_alternative<ir::OneHotBlock>(block) || (bag != nullptr && bag->width == 0);
}

std::int32_t width_of(const NetworkModel& model, const ir::Block& block) {
  return ir::widths(model.network, {.name = "", .blocks = {block}, .layers = {}}).front();
}

/// The weights of inputs [first, first + rows), input by input.
std::vector<float> table_of(const Dense& dense, std::size_t first, std::size_t rows) {
  std::vector<float> out;
  out.reserve(rows * dense.bias.size());
  for (auto i = first; i < first + rows; ++i) {
    for (std::size_t o = 0; o < dense.bias.size(); ++o)
      out.push_back(static_cast<float>(dense.weight[o * dense.inputs + i]));
  }
  return out;
}

/// Blocks that are looked up go to the first layer; the others are written out.
void split_blocks(const NetworkModel& model, const ir::Tower& tower, const Dense* first,
                  TowerLayout& out, std::vector<bool>& is_in) {
  std::size_t place = 0;
  for (std::size_t b = 0; b < tower.blocks.size(); ++b) {
    const auto& block = tower.blocks[b];
    const auto width = width_of(model, block);
    const auto end = place + static_cast<std::size_t>(width);
    const bool looked_up = first != nullptr && is_looked_up(block);
    is_in.resize(end, !looked_up);
    if (looked_up) {
      out.lookups.push_back({block, table_of(*first, place, end - place)});
    } else {
      const auto table = model.numbers(name_of(tower, "block", b));
      out.sources.push_back({block, {table.begin(), table.end()}, out.inputs, width});
      out.inputs += width;
    }
    place = end;
  }
}

/// The layer's own weights of one direction.
CellWeights cell_weights(const NetworkModel& model, const std::string& name,
                         const ir::RecurrentLayer& of, const std::string& direction) {
  const auto dense = [&](const std::string& part) {
    const auto weight = model.numbers(name + ".weight_" + part + direction);
    const auto bias = model.numbers(name + ".bias_" + part + direction);
    return Dense{
        weight.size() / bias.size(), {weight.begin(), weight.end()}, {bias.begin(), bias.end()}};
  };
  auto input = dense("ih_l0");
  auto state = dense("hh_l0");
  // What a GRU makes of the state is scaled before it meets the input, bias included.
  if (of.cell != ir::Cell::gru) {
    for (std::size_t o = 0; o < input.bias.size(); ++o) input.bias[o] += state.bias[o];
  }
  return {pack(input, std::vector<bool>(input.inputs, true)),
          pack(state, std::vector<bool>(state.inputs, true))};
}

/// Index of the first layer that is neither of cells nor a dropout among them.
std::size_t add_cells(const NetworkModel& model, const ir::Tower& tower, TowerLayout& out) {
  std::size_t behind = 0;
  auto inputs = out.inputs;
  for (std::size_t i = 0; i < tower.layers.size(); ++i) {
    const auto* cells = std::get_if<ir::RecurrentLayer>(&tower.layers[i]);
    if (cells == nullptr) continue;
    CellLayer layer{.of = *cells, .directions = {}, .inputs = inputs};
    const auto name = name_of(tower, "layer", i);
    layer.directions.push_back(cell_weights(model, name, *cells, ""));
    if (cells->bidirectional)
      layer.directions.push_back(cell_weights(model, name, *cells, "_reverse"));
    inputs = layer.width();
    out.cells.push_back(std::move(layer));
    behind = i + 1;
  }
  return behind;
}

/// \param is_in  see pack(); empty: all.
Operation operation_of(const Folded& folded, const std::vector<bool>& is_in) {
  return std::visit(
      Overloaded{
          [&](const Dense& d) {
            return Operation(pack(d, is_in.empty() ? std::vector<bool>(d.inputs, true) : is_in));
          },
          [](const Affine& a) {
            return Operation(
                Scaling{{a.scale.begin(), a.scale.end()}, {a.shift.begin(), a.shift.end()}});
          },
          [](ir::Activation a) { return Operation(a); },
      },
      folded);
}

}  // namespace

TowerLayout lay_out(const NetworkModel& model, const ir::Tower& tower) {
  TowerLayout out;
  for (const auto& block : tower.blocks) {
    if (const auto* sequence = std::get_if<ir::SequenceBlock>(&block)) out.steps = sequence->length;
  }
  std::vector<bool> is_in;
  std::size_t behind = 0;
  if (out.steps > 0) {
    split_blocks(model, tower, nullptr, out, is_in);
    behind = add_cells(model, tower, out);
    is_in.clear();
  }
  const auto folded = fold(model, tower, behind);
  if (out.steps == 0) {
    const auto* first = folded.empty() ? nullptr : std::get_if<Dense>(&folded.front());
    split_blocks(model, tower, first, out, is_in);
  }
  for (const auto& operation : folded) {
    const bool first = &operation == &folded.front();
    out.operations.push_back(operation_of(operation, first ? is_in : std::vector<bool>()));
  }
  out.widest = (std::max(out.inputs, 1) + kTile - 1) / kTile * kTile;
  for (const auto& cells : out.cells)
    out.widest = std::max(out.widest, (cells.width() + kTile - 1) / kTile * kTile);
  for (const auto& operation : out.operations) {
    if (const auto* weights = std::get_if<PackedWeights>(&operation))
      out.widest = std::max(out.widest, static_cast<std::int32_t>(weights->padded()));
  }
  return out;
}

}  // namespace quern::codegen
