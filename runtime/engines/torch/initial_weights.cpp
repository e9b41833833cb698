// A rule for each kind of tensor, found by its name.

#include "runtime/engines/torch/initial_weights.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/box.h"
#include "runtime/engines/torch/random.h"

namespace quern::runtime::training {
namespace {

enum class Kind : std::uint8_t { constant, uniform, normal };

struct Rule {
  Kind kind = Kind::constant;
  double size = 0;  ///< the constant, or the bound
};

Rule rule_of(const ir::Layer& layer, std::string_view tensor, std::int32_t inputs, bool alone) {
  return std::visit(
      Overloaded{
          [&](const ir::LinearLayer&) {
            // A linear model has one answer; where a category is rare, zero is the better guess.
            return alone ? Rule{} : Rule{Kind::uniform, 1 / std::sqrt(static_cast<double>(inputs))};
          },
          [&](const ir::BatchNormLayer&) {
            return Rule{Kind::constant, tensor == "weight" || tensor == "running_var" ? 1.0 : 0.0};
          },
          [](const ir::RecurrentLayer& l) {
            return Rule{Kind::uniform, 1 / std::sqrt(static_cast<double>(l.outputs))};
          },
          [](const auto&) { return Rule{}; },
      },
      layer);
}

/// \param name  behind the tower's: "block1", "layer0.weight"
Rule rule_of(const ir::Network& network, const ir::Tower& tower, std::string_view name) {
  if (name.starts_with("block")) return {Kind::normal, 1};
  const auto number = std::stoul(std::string(name.substr(std::string_view("layer").size())));
  return rule_of(tower.layers[number], name.substr(name.find('.') + 1),
                 ir::widths(network, tower)[number], tower.layers.size() == 1);
}

Rule rule_of(const ir::Network& network, std::string_view name) {
  const auto dot = name.find('.');
  const auto tower = std::find_if(network.towers.begin(), network.towers.end(),
                                  [&](const auto& t) { return t.name == name.substr(0, dot); });
  return rule_of(network, *tower, name.substr(dot + 1));
}

float draw(const Rule& rule, Random& random) {
  switch (rule.kind) {
    case Kind::constant: break;
    case Kind::uniform: return static_cast<float>((2 * random.uniform() - 1) * rule.size);
    case Kind::normal: return static_cast<float>(random.normal());
  }
  return static_cast<float>(rule.size);
}

}  // namespace

ir::Tensors initial_weights(const ir::Network& network, std::uint64_t seed) {
  ir::Tensors out;
  std::uint64_t stream = 0;
  for (auto& shape : ir::tensor_shapes(network)) {
    Random random(seed, ++stream);
    const auto rule = rule_of(network, shape.name);
    std::int64_t count = 1;
    for (const auto n : shape.shape) count *= n;
    ir::Tensor tensor{std::move(shape.name), std::move(shape.shape), {}};
    tensor.values.resize(static_cast<std::size_t>(count));
    for (auto& value : tensor.values) value = draw(rule, random);
    out.tensors.push_back(std::move(tensor));
  }
  return out;
}

}  // namespace quern::runtime::training
