// A network as JSON, and back.

#include <new>
#include <nlohmann/json.hpp>

#include "base/box.h"
#include "compiler/ir/nesting.h"
#include "compiler/ir/network.h"
#include "compiler/ir/whole.h"

namespace quern::ir {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

json write_block(const Block& block) {
  return std::visit(
      Overloaded{
          [](const DenseBlock& b) {
            return json{{"block", "dense"}, {"first", b.first}, {"count", b.count}};
          },
          [](const OneHotBlock& b) {
            return json{{"block", "one_hot"}, {"feature", b.feature}, {"rows", b.rows}};
          },
          [](const EmbeddingBlock& b) {
            return json{{"block", "embedding"},
                        {"feature", b.feature},
                        {"rows", b.rows},
                        {"width", b.width}};
          },
          [](const BagBlock& b) {
            return json{{"block", "bag"},
                        {"group", b.group},
                        {"rows", b.rows},
                        {"width", b.width},
                        {"combiner", combiner_name(b.combiner)},
                        {"weighted", b.weighted}};
          },
          [](const SequenceBlock& b) {
            return json{{"block", "sequence"},  {"first", b.first}, {"length", b.length},
                        {"numbers", b.numbers}, {"rows", b.rows},   {"width", b.width}};
          },
      },
      block);
}

json write_layer(const Layer& layer) {
  return std::visit(
      Overloaded{
          [](const LinearLayer& l) {
            return json{{"layer", "linear"}, {"outputs", l.outputs}, {"bias", l.bias}};
          },
          [](const ActivationLayer& l) {
            return json{{"layer", "activation"}, {"name", activation_name(l.activation)}};
          },
          [](const DropoutLayer& l) {
            return json{{"layer", "dropout"}, {"rate", l.rate}};
          },
          [](const BatchNormLayer& l) {
            return json{{"layer", "batch_norm"}, {"momentum", l.momentum}, {"epsilon", l.epsilon}};
          },
          [](const RecurrentLayer& l) {
            return json{{"layer", "recurrent"},
                        {"cell", cell_name(l.cell)},
                        {"outputs", l.outputs},
                        {"bidirectional", l.bidirectional},
                        {"whole", l.whole}};
          },
      },
      layer);
}

json write_tower(const Tower& tower) {
  json blocks = json::array();
  for (const auto& block : tower.blocks) blocks.push_back(write_block(block));
  json layers = json::array();
  for (const auto& layer : tower.layers) layers.push_back(write_layer(layer));
  return {{"name", tower.name}, {"blocks", std::move(blocks)}, {"layers", std::move(layers)}};
}

std::int32_t size(const json& j, const char* name) { return whole<std::int32_t>(j.at(name)); }

/// The value of an enumeration, up to `last`, that `name_of` calls so.
template <typename E>
E named(const json& j, std::string_view (*name_of)(E), E last) {
  const auto name = j.get<std::string>();
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (name_of(static_cast<E>(i)) == name) return static_cast<E>(i);
  }
  throw std::runtime_error("unknown name " + name);
}

Block read_block(const json& j) {
  const auto kind = j.at("block").get<std::string>();
  if (kind == "dense") return DenseBlock{size(j, "first"), size(j, "count")};
  if (kind == "one_hot") return OneHotBlock{size(j, "feature"), size(j, "rows")};
  if (kind == "embedding")
    return EmbeddingBlock{size(j, "feature"), size(j, "rows"), size(j, "width")};
  if (kind == "bag") {
    return BagBlock{size(j, "group"), size(j, "rows"), size(j, "width"),
                    named(j.at("combiner"), combiner_name, Combiner::sqrtn),
                    j.at("weighted").get<bool>()};
  }
  if (kind != "sequence") throw std::runtime_error("unknown block " + kind);
  return SequenceBlock{size(j, "first"), size(j, "length"), size(j, "numbers"), size(j, "rows"),
                       size(j, "width")};
}

Layer read_layer(const json& j) {
  const auto kind = j.at("layer").get<std::string>();
  if (kind == "linear") return LinearLayer{size(j, "outputs"), j.at("bias").get<bool>()};
  if (kind == "activation")
    return ActivationLayer{named(j.at("name"), activation_name, Activation::swish)};
  if (kind == "dropout") return DropoutLayer{j.at("rate").get<float>()};
  if (kind == "batch_norm")
    return BatchNormLayer{j.at("momentum").get<float>(), j.at("epsilon").get<float>()};
  if (kind != "recurrent") throw std::runtime_error("unknown layer " + kind);
  return RecurrentLayer{named(j.at("cell"), cell_name, Cell::gru), size(j, "outputs"),
                        j.at("bidirectional").get<bool>(), j.at("whole").get<bool>()};
}

Tower read_tower(const json& j) {
  Tower out{.name = j.at("name").get<std::string>(), .blocks = {}, .layers = {}};
  for (const auto& block : j.at("blocks")) out.blocks.push_back(read_block(block));
  for (const auto& layer : j.at("layers")) out.layers.push_back(read_layer(layer));
  return out;
}

Network read(const json& j) {
  Network out{.features = size(j, "features"),
              .group_widths = {},
              .towers = {},
              .outputs = size(j, "outputs")};
  for (const auto& width : j.at("groups")) out.group_widths.push_back(whole<std::int32_t>(width));
  for (const auto& tower : j.at("towers")) out.towers.push_back(read_tower(tower));
  return out;
}

}  // namespace

std::string to_json(const Network& network) {
  json towers = json::array();
  for (const auto& tower : network.towers) towers.push_back(write_tower(tower));
  const json out = {{"format", kFormat},
                    {"features", network.features},
                    {"groups", network.group_widths},
                    {"outputs", network.outputs},
                    {"towers", std::move(towers)}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Network> network_from_json(std::string_view text) {
  constexpr int kDeepest = 16;
  try {
    if (is_nested_deeper(text, kDeepest)) throw std::runtime_error("it is nested too deeply");
    const auto j = json::parse(text);
    const auto format = whole<int>(j.at("format"));
    if (format > kFormat) {
      return Diagnostic{Code::model_too_new,
                        "network was written by a newer version of quern: format " +
                            std::to_string(format) + ", this version reads up to " +
                            std::to_string(kFormat)};
    }
    auto network = read(j);
    QUERN_CHECK(check(network));
    return network;
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the network does not fit into memory"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::corrupt_model, std::string("stored network is corrupt: ") + e.what()};
  }
}

}  // namespace quern::ir
