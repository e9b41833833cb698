// From a stored payload to a network with its weights.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <new>

#include "codegen/network/network_model.h"

namespace quern::codegen {
namespace {

struct LinkOf {
  std::string_view objective;
  Link link;
};

constexpr LinkOf kLinks[] = {
    {"logistic", Link::logistic},       {"cross_entropy", Link::softmax},
    {"squared_error", Link::identity},  {"absolute_error", Link::identity},
    {"huber", Link::identity},          {"log_cosh", Link::identity},
    {"poisson", Link::exponential},     {"hinge", Link::hinge},
    {"reconstruction", Link::identity}, {"inertia", Link::identity},
    {"divergence", Link::identity},     {"variance", Link::identity},
};

Diagnostic corrupt(const std::string& what) {
  return {Code::corrupt_model, "stored model is corrupt: " + what};
}

Result<Link> link_of(std::string_view objective) {
  for (const auto& known : kLinks) {
    if (known.objective == objective) return known.link;
  }
  return corrupt("a network has no objective " + std::string(objective.substr(0, 40)));
}

Result<void> check_tensor(const ir::TensorShape& wanted, const ir::Tensor& tensor) {
  if (tensor.shape != wanted.shape) return corrupt("tensor " + wanted.name + " has another shape");
  const bool variance = wanted.name.ends_with("running_var");
  for (const float value : tensor.values) {
    if (!std::isfinite(value)) return corrupt("tensor " + wanted.name + " is not finite");
    if (variance && value < 0) return corrupt("tensor " + wanted.name + " is below 0");
  }
  return {};
}

/// What stands behind an encoding gives rows back, and predicts nothing.
/// \param layers  as the payload's text says it, those of the encoder.
Result<void> keep_encoder(const std::string& layers, NetworkModel& model) {
  auto& network = model.network;
  auto& tower = network.towers.front();
  std::size_t count = 0;
  const auto* end = layers.data() + layers.size();
  const auto read = std::from_chars(layers.data(), end, count);
  if (read.ec != std::errc() || read.ptr != end || count == 0 || count > tower.layers.size() ||
      network.towers.size() != 1)
    return corrupt("its encoder has no layers");
  tower.layers.resize(count);
  network.outputs = ir::widths(network, tower).back();
  model.outputs = network.outputs;
  model.base_margins.assign(static_cast<std::size_t>(model.outputs), 0.0F);
  model.tensors.resize(ir::tensor_shapes(network).size());
  return ir::check(network);
}

Result<NetworkModel> read(const ir::Tensors& tensors, std::string_view objective) {
  const auto* text = tensors.text("network");
  if (text == nullptr) return corrupt("it has no network");
  NetworkModel model;
  QUERN_TRY(model.network, ir::network_from_json(*text));
  QUERN_TRY(model.link, link_of(objective));
  model.objective = objective;
  model.features = model.network.features;
  for (const auto width : model.network.group_widths) model.features += width;
  model.outputs = model.network.outputs;
  model.base_margins.assign(static_cast<std::size_t>(model.outputs), 0.0F);
  const auto shapes = ir::tensor_shapes(model.network);
  if (shapes.size() != tensors.tensors.size()) return corrupt("it has other tensors");
  for (const auto& wanted : shapes) {
    const auto found = std::find_if(tensors.tensors.begin(), tensors.tensors.end(),
                                    [&](const auto& t) { return t.name == wanted.name; });
    if (found == tensors.tensors.end()) return corrupt("tensor " + wanted.name + " is missing");
    QUERN_CHECK(check_tensor(wanted, *found));
    model.tensors.push_back(*found);
  }
  return model;
}

}  // namespace

std::span<const float> NetworkModel::numbers(std::string_view name) const {
  for (const auto& tensor : tensors) {
    if (tensor.name == name) return tensor.values;
  }
  return {};
}

Result<NetworkModel> read_network(std::span<const std::uint8_t> payload,
                                  std::string_view objective) {
  try {
    QUERN_TRY(const auto tensors, ir::read_tensors(payload));
    QUERN_TRY(auto model, read(tensors, objective));
    if (const auto* layers = tensors.text(kEncoderLayers))
      QUERN_CHECK(keep_encoder(*layers, model));
    return model;
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the network does not fit into memory"};
  }
}

Result<NetworkModel> read_whole_network(std::span<const std::uint8_t> payload,
                                        std::string_view objective) {
  try {
    QUERN_TRY(const auto tensors, ir::read_tensors(payload));
    return read(tensors, objective);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the network does not fit into memory"};
  }
}

std::vector<SparseRows> groups_of(const NetworkModel& model, const FeatureView& x) {
  std::vector<SparseRows> out;
  auto first = model.network.features;
  for (const auto width : model.network.group_widths) {
    auto& group = out.emplace_back();
    for (std::int64_t row = 0; row < x.rows; ++row) {
      for (std::int32_t key = 0; key < width; ++key) {
        const float value = x.at(row, first + key);
        if (!std::isnan(value)) group.entries.push_back({static_cast<std::uint32_t>(key), value});
      }
      group.end_row();
    }
    first += width;
  }
  return out;
}

}  // namespace quern::codegen
