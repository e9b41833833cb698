// Which networks there are: what a scorer and an engine may take for granted of one.

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/box.h"
#include "compiler/ir/network.h"

namespace quern::ir {
namespace {

constexpr std::int64_t kMostWidth = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostWeights = std::int64_t{1} << 31;
/// Outputs, and values that no linear layer takes up: nothing stored would answer for their room.
constexpr std::int32_t kMostOutputs = 65536;
constexpr std::int32_t kMostPlain = 1 << 20;

/// What is wrong with a part of a network; empty: nothing.
using Fault = std::string;

bool holds(std::int64_t first, std::int64_t count, std::int64_t of) {
  return first >= 0 && count >= 1 && first + count <= of;
}

Fault fault_of(const Network& n, const DenseBlock& b) {
  return holds(b.first, b.count, n.features) ? "" : "columns that are not there";
}

Fault fault_of(const Network& n, const OneHotBlock& b) {
  if (!holds(b.feature, 1, n.features)) return "a column that is not there";
  return b.rows >= 1 ? "" : "no rows";
}

Fault fault_of(const Network& n, const EmbeddingBlock& b) {
  if (!holds(b.feature, 1, n.features)) return "a column that is not there";
  return b.rows >= 1 && b.width >= 1 ? "" : "an embedding without size";
}

Fault fault_of(const Network& n, const BagBlock& b) {
  if (!holds(b.group, 1, static_cast<std::int64_t>(n.group_widths.size())))
    return "a group that is not there";
  if (b.rows != n.group_widths[static_cast<std::size_t>(b.group)])
    return "another width than its group's";
  if (b.combiner > Combiner::sqrtn) return "an unknown combiner";
  return b.width >= 0 ? "" : "an embedding without size";
}

Fault fault_of(const Network& n, const SequenceBlock& b) {
  if (b.length < 1 || b.numbers < 1) return "a sequence without steps";
  if (!holds(b.first, std::int64_t{b.length} * b.numbers, n.features))
    return "columns that are not there";
  if (b.rows == 0) return b.width == 0 ? "" : "vectors of no category";
  return b.rows > 0 && b.width >= 1 && b.numbers == 1 ? "" : "an embedding without size";
}

Fault fault_of(const Layer& layer) {
  return std::visit(
      Overloaded{
          [](const LinearLayer& l) { return Fault(l.outputs >= 1 ? "" : "no outputs"); },
          [](const ActivationLayer& l) {
            return Fault(l.activation <= Activation::swish ? "" : "unknown activation");
          },
          [](const DropoutLayer& l) {
            return Fault(l.rate >= 0 && l.rate < 1 ? "" : "a rate that is not below 1");
          },
          [](const BatchNormLayer& l) {
            const bool good =
                l.momentum >= 0 && l.momentum <= 1 && l.epsilon > 0 && std::isfinite(l.epsilon);
            return Fault(good ? "" : "a momentum or epsilon out of range");
          },
          [](const RecurrentLayer& l) {
            const bool good = l.cell <= Cell::gru && l.outputs >= 1 && l.outputs <= kMostWidth / 8;
            return Fault(good ? "" : "cells without size");
          },
      },
      layer);
}

/// Steps of a tower's sequences, 0 where it has none, -1 where they differ.
std::int32_t steps_of(const Tower& tower) {
  std::int32_t steps = 0;
  for (const auto& block : tower.blocks) {
    const auto* sequence = std::get_if<SequenceBlock>(&block);
    if (sequence == nullptr) continue;
    if (steps != 0 && steps != sequence->length) return -1;
    steps = sequence->length;
  }
  return steps;
}

/// Sequences go through cells until one gives a single step; only dropout may stand between those.
Fault order_fault(const Tower& tower) {
  const auto steps = steps_of(tower);
  if (steps < 0) return "sequences of different lengths";
  bool in_steps = steps > 0;
  for (std::size_t i = 0; i < tower.layers.size(); ++i) {
    const auto* cells = std::get_if<RecurrentLayer>(&tower.layers[i]);
    const bool dropout = std::holds_alternative<DropoutLayer>(tower.layers[i]);
    if (cells != nullptr && !in_steps) return "cells without a sequence";
    if (in_steps && cells == nullptr && !dropout) return "a sequence that no cells read";
    if (in_steps && dropout && i == 0) return "a sequence that no cells read";
    if (cells != nullptr) in_steps = cells->whole;
  }
  return in_steps ? "a sequence that no cells end" : "";
}

Fault block_faults(const Network& network, const Tower& tower) {
  if (tower.blocks.empty()) return "it reads nothing";
  std::int64_t width = 0;
  for (std::size_t i = 0; i < tower.blocks.size(); ++i) {
    const auto fault =
        std::visit([&](const auto& b) { return fault_of(network, b); }, tower.blocks[i]);
    if (!fault.empty()) return "block " + std::to_string(i) + " has " + fault;
    // Their widths one by one, for the sum must not overflow before it is looked at.
    width += widths(network, {.name = "", .blocks = {tower.blocks[i]}, .layers = {}}).front();
    if (width > kMostWidth) return "it is too wide";
  }
  return "";
}

Fault tower_fault(const Network& network, const Tower& tower) {
  if (auto fault = block_faults(network, tower); !fault.empty()) return fault;
  for (std::size_t i = 0; i < tower.layers.size(); ++i) {
    if (const auto fault = fault_of(tower.layers[i]); !fault.empty())
      return "layer " + std::to_string(i) + " has " + fault;
  }
  if (auto fault = order_fault(tower); !fault.empty()) return fault;
  const auto first = std::find_if(tower.layers.begin(), tower.layers.end(), [](const Layer& l) {
    return !std::holds_alternative<DropoutLayer>(l);
  });
  const bool linear = first != tower.layers.end() && std::holds_alternative<LinearLayer>(*first);
  if (!linear && widths(network, tower).front() > kMostPlain)
    return "it is too wide for a first layer that is not linear";
  const auto end = widths(network, tower).back();
  if (end == network.outputs) return "";
  return "it ends in " + std::to_string(end) + " outputs, not in " +
         std::to_string(network.outputs);
}

bool is_name(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_0123456789";
  return !name.empty() && name.find_first_not_of(kLetters) == std::string_view::npos;
}

Fault names_fault(const Network& network) {
  for (std::size_t i = 0; i < network.towers.size(); ++i) {
    if (!is_name(network.towers[i].name)) return "a tower has no name";
    for (std::size_t j = 0; j < i; ++j) {
      if (network.towers[i].name == network.towers[j].name) return "two towers have one name";
    }
  }
  return network.towers.empty() ? "it has no tower" : "";
}

Fault sizes_fault(const Network& network) {
  if (network.features < 0 || network.outputs < 1) return "it has no features or no outputs";
  if (network.outputs > kMostOutputs) return "it has too many outputs";
  for (const auto width : network.group_widths) {
    if (width < 1) return "a group has no width";
  }
  return "";
}

/// No product of two 32-bit sizes overflows, and the sum stops at the limit.
bool has_too_many_weights(const Network& network) {
  std::int64_t weights = 0;
  for (const auto& tensor : tensor_shapes(network)) {
    std::int64_t size = 1;
    for (const auto n : tensor.shape) size *= n;
    weights += size;
    if (weights > kMostWeights) return true;
  }
  return false;
}

Fault fault_of(const Network& network) {
  if (auto fault = sizes_fault(network); !fault.empty()) return fault;
  if (auto fault = names_fault(network); !fault.empty()) return fault;
  for (const auto& tower : network.towers) {
    if (const auto fault = tower_fault(network, tower); !fault.empty())
      return "tower " + tower.name + ": " + fault;
  }
  return has_too_many_weights(network) ? "it has more than 2147483648 weights" : "";
}

}  // namespace

Result<void> check(const Network& network) {
  if (const auto fault = fault_of(network); !fault.empty())
    return Diagnostic{Code::corrupt_model, "network cannot be: " + fault};
  return {};
}

}  // namespace quern::ir
