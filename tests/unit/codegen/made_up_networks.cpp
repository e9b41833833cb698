// Random towers, layer by layer.

#include "tests/unit/codegen/made_up_networks.h"

#include <cmath>
#include <limits>

namespace quern::codegen {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

}  // namespace

NetworkModel MadeUpNetworks::with_weights(ir::Network network) {
  NetworkModel model;
  model.features = network.features;
  for (const auto width : network.group_widths) model.features += width;
  model.outputs = network.outputs;
  model.base_margins.assign(static_cast<std::size_t>(network.outputs), 0.0F);
  for (const auto& wanted : ir::tensor_shapes(network)) {
    std::size_t size = 1;
    for (const auto n : wanted.shape) size *= static_cast<std::size_t>(n);
    const auto inputs = static_cast<double>(wanted.shape.back());
    ir::Tensor tensor{wanted.name, wanted.shape, std::vector<float>(size)};
    for (auto& value : tensor.values) {
      value = normal(wanted.shape.size() > 1 ? 1 / std::sqrt(inputs) : 0.5);
      if (wanted.name.ends_with("running_var")) value = std::abs(value) + 0.1F;
    }
    model.tensors.push_back(std::move(tensor));
  }
  model.network = std::move(network);
  return model;
}

std::vector<ir::Layer> MadeUpNetworks::layers(int outputs, int depth) {
  std::vector<ir::Layer> out;
  if (chance(0.3)) out.emplace_back(ir::BatchNormLayer{});
  for (int i = 0; i < depth; ++i) {
    out.emplace_back(ir::LinearLayer{between(1, 70), chance(0.8)});
    const bool before = chance(0.5);
    if (before && chance(0.5)) out.emplace_back(ir::BatchNormLayer{});
    if (chance(0.9))
      out.emplace_back(ir::ActivationLayer{static_cast<ir::Activation>(between(0, 10))});
    if (!before && chance(0.5)) out.emplace_back(ir::BatchNormLayer{});
    if (chance(0.3)) out.emplace_back(ir::DropoutLayer{0.5F});
  }
  out.emplace_back(ir::LinearLayer{outputs});
  if (chance(0.1)) out.emplace_back(ir::ActivationLayer{ir::Activation::softplus});
  return out;
}

ir::Tower MadeUpNetworks::tower(const char* name, std::int32_t columns, std::int32_t codes,
                                int outputs, const std::vector<std::int32_t>& groups) {
  ir::Tower out{.name = name, .blocks = {}, .layers = layers(outputs, between(0, 3))};
  if (columns > 0) out.blocks.emplace_back(ir::DenseBlock{0, columns});
  for (std::int32_t c = columns; c < columns + codes; ++c) {
    if (chance(0.5)) out.blocks.emplace_back(ir::OneHotBlock{c, between(1, 20)});
    if (chance(0.7)) out.blocks.emplace_back(ir::EmbeddingBlock{c, between(1, 20), between(1, 12)});
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto width = chance(0.5) ? 0 : between(1, 12);
    out.blocks.emplace_back(ir::BagBlock{static_cast<std::int32_t>(g), groups[g], width,
                                         static_cast<ir::Combiner>(between(0, 2)), chance(0.5)});
  }
  if (out.blocks.empty()) out.blocks.emplace_back(ir::OneHotBlock{0, 3});
  return out;
}

NetworkModel MadeUpNetworks::dense() {
  const auto columns = between(0, 40);
  const auto codes = between(columns == 0 ? 1 : 0, 4);
  ir::Network network{
      .features = columns + codes, .group_widths = {}, .towers = {}, .outputs = between(1, 5)};
  for (int g = between(0, 2); g > 0; --g) network.group_widths.push_back(between(1, 30));
  network.towers.push_back(tower("dnn", columns, codes, network.outputs, network.group_widths));
  if (chance(0.4))
    network.towers.push_back(
        tower("linear", columns, codes, network.outputs, network.group_widths));
  return with_weights(std::move(network));
}

NetworkModel MadeUpNetworks::recurrent() {
  const auto length = between(1, 9);
  const auto numbers = between(1, 3);
  ir::Tower tower{.name = "rnn", .blocks = {ir::SequenceBlock{0, length, numbers}}, .layers = {}};
  auto features = length * numbers;
  if (chance(0.5)) {
    tower.blocks.emplace_back(
        ir::SequenceBlock{features, length, 1, between(1, 20), between(1, 8)});
    features += length;
  }
  if (chance(0.5)) tower.blocks.emplace_back(ir::DenseBlock{features++, 1});
  const int depth = between(1, 3);
  for (int i = 0; i < depth; ++i) {
    tower.layers.emplace_back(ir::RecurrentLayer{static_cast<ir::Cell>(between(0, 2)),
                                                 between(1, 20), chance(0.5), i + 1 < depth});
    if (chance(0.3)) tower.layers.emplace_back(ir::DropoutLayer{0.5F});
  }
  const auto outputs = between(1, 3);
  for (auto& layer : layers(outputs, between(0, 1))) tower.layers.push_back(layer);
  return with_weights(
      {.features = features, .group_widths = {}, .towers = {tower}, .outputs = outputs});
}

std::vector<float> MadeUpNetworks::rows_for(const NetworkModel& model, std::int64_t rows) {
  std::vector<float> out(static_cast<std::size_t>(rows * model.features));
  for (auto& value : out) value = chance(0.05) ? kMissing : normal(1);
  fill_codes(model, rows, out);
  // Entries of groups are rare.
  for (auto i = static_cast<std::size_t>(model.network.features * rows); i < out.size(); ++i)
    out[i] = chance(0.2) ? normal(1) : kMissing;
  return out;
}

void MadeUpNetworks::fill_codes(const NetworkModel& model, std::int64_t rows,
                                std::vector<float>& out) {
  const auto fill = [&](std::int32_t feature, std::int32_t below) {
    for (std::int64_t r = 0; r < rows; ++r) {
      const auto code = static_cast<float>(between(-1, below));
      out[static_cast<std::size_t>(feature * rows + r)] = chance(0.1) ? kMissing : code;
    }
  };
  for (const auto& tower : model.network.towers) {
    for (const auto& block : tower.blocks) {
      if (const auto* hot = std::get_if<ir::OneHotBlock>(&block)) fill(hot->feature, hot->rows);
      if (const auto* e = std::get_if<ir::EmbeddingBlock>(&block)) fill(e->feature, e->rows);
      const auto* s = std::get_if<ir::SequenceBlock>(&block);
      if (s == nullptr || s->rows == 0) continue;
      for (std::int32_t i = 0; i < s->length; ++i) fill(s->first + i, s->rows);
    }
  }
}

}  // namespace quern::codegen
