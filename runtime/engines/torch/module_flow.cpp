// Layers are pushed onto a copy of the list; scales wait for a linear layer that takes them up.

#include "runtime/engines/torch/module_flow.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quern::runtime::training {
namespace {

using Ending = ModuleFlow::Ending;
using Numbers = std::vector<double>;

constexpr std::size_t kMostLayers = 1000;
constexpr std::size_t kMostTowers = 64;
constexpr std::int64_t kMostWidth = std::numeric_limits<std::int32_t>::max();

Diagnostic no(std::string why) { return {Code::not_in_this_version, std::move(why)}; }

double at(const Numbers& numbers, std::size_t i) {
  return numbers.size() == 1 ? numbers.front() : numbers[i];
}

bool is_scaled(const ModuleFlow& x) { return !x.factors.empty(); }

std::string counted_numbers(std::int64_t n) {
  return std::to_string(n) + (n == 1 ? " number" : " numbers");
}

bool is_sum(const ModuleFlow& x) { return x.towers.size() > 1; }

/// Behind an ending there is nothing, but for the sigmoid of one tower, which may be a layer's
/// function as well.
Result<void> check_ending(const ModuleFlow& x) {
  if (x.ending == Ending::softmax) return no("stands behind a softmax");
  if (x.ending == Ending::sigmoid && is_sum(x)) return no("stands behind a sigmoid of a sum");
  return {};
}

Result<void> check_open(const ModuleFlow& x) {
  QUERN_CHECK(check_ending(x));
  if (is_sum(x)) return no("stands behind a sum of branches");
  if (x.towers.front().layers.size() >= kMostLayers) return no("is one of too many layers");
  return {};
}

const FlowLayer* last_layer(const ModuleFlow& x) {
  const auto& layers = x.towers.front().layers;
  return layers.empty() ? nullptr : layers.back().get();
}

ModuleFlow pushed(ModuleFlow x, FlowLayer layer) {
  x.towers.front().layers.push_back(std::make_shared<const FlowLayer>(std::move(layer)));
  return x;
}

/// W (f x + t) + b = (W f) x + (W t + b).
void take_up_scale(const ModuleFlow& x, FlowMatrix& weight, std::vector<float>& bias) {
  bias.resize(static_cast<std::size_t>(weight.outputs));
  const auto inputs = static_cast<std::size_t>(weight.inputs);
  for (std::size_t o = 0; o < bias.size(); ++o) {
    double term = bias[o];
    for (std::size_t i = 0; i < inputs; ++i) {
      auto& w = weight.values[o * inputs + i];
      term += double{w} * at(x.terms, i);
      w = static_cast<float>(double{w} * at(x.factors, i));
    }
    bias[o] = static_cast<float>(term);
  }
}

FlowLayer linear_layer(const FlowMatrix& weight, std::vector<float> bias) {
  FlowLayer out{ir::LinearLayer{static_cast<std::int32_t>(weight.outputs), !bias.empty()}};
  out.tensors.push_back({"weight", {weight.outputs, weight.inputs}, weight.values});
  if (!bias.empty()) out.tensors.push_back({"bias", {weight.outputs}, std::move(bias)});
  return out;
}

/// The linear layer at the end with its outputs scaled; it has a bias then.
ModuleFlow scale_last(const ModuleFlow& x, const Numbers& factors, const Numbers& terms) {
  const auto& before = *last_layer(x);
  const auto& old = before.tensors.front();
  FlowMatrix weight{old.shape[0], old.shape[1], old.values};
  std::vector<float> bias(static_cast<std::size_t>(weight.outputs));
  if (before.tensors.size() > 1) bias = before.tensors[1].values;
  const auto inputs = static_cast<std::size_t>(weight.inputs);
  for (std::size_t o = 0; o < bias.size(); ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      auto& w = weight.values[o * inputs + i];
      w = static_cast<float>(double{w} * at(factors, o));
    }
    bias[o] = static_cast<float>(double{bias[o]} * at(factors, o) + at(terms, o));
  }
  auto out = x;
  out.towers.front().layers.pop_back();
  return pushed(std::move(out), linear_layer(weight, std::move(bias)));
}

bool ends_linear(const ModuleFlow& x) {
  const auto* layer = last_layer(x);
  return layer != nullptr && std::holds_alternative<ir::LinearLayer>(layer->layer);
}

/// f2 (f1 x + t1) + t2 = (f2 f1) x + (f2 t1 + t2).
void compose(ModuleFlow& x, const Numbers& factors, const Numbers& terms) {
  const auto n = std::max({x.factors.size(), x.terms.size(), factors.size(), terms.size()});
  Numbers f(n), t(n);
  for (std::size_t i = 0; i < n; ++i) {
    f[i] = at(x.factors, i) * at(factors, i);
    t[i] = at(x.terms, i) * at(factors, i) + at(terms, i);
  }
  x.factors = std::move(f);
  x.terms = std::move(t);
}

bool share_layers(const ModuleFlow& a, const ModuleFlow& b) {
  for (const auto& tower : a.towers) {
    for (const auto& other : b.towers) {
      for (const auto& layer : tower.layers) {
        const auto& layers = other.layers;
        if (std::find(layers.begin(), layers.end(), layer) != layers.end()) return true;
      }
    }
  }
  return false;
}

bool has_linear(const FlowTower& tower) {
  return std::any_of(tower.layers.begin(), tower.layers.end(), [](const auto& layer) {
    return std::holds_alternative<ir::LinearLayer>(layer->layer);
  });
}

}  // namespace

Result<ModuleFlow> with_width(const ModuleFlow& x, std::int64_t width) {
  if (width < 1 || width > kMostWidth) return no("has a size that is out of range");
  if (x.width == width) return x;
  if (x.width != 0) {
    return no("reads " + counted_numbers(width) + " of a row that has " + counted_numbers(x.width));
  }
  auto out = x;
  out.width = width;
  out.towers.front().inputs = width;
  return out;
}

Result<ModuleFlow> push_linear(const ModuleFlow& x, FlowMatrix weight, std::vector<float> bias) {
  QUERN_CHECK(check_open(x));
  if (x.flat) return no("reads one number for each row in place of a row of numbers");
  if (weight.outputs < 1 || weight.outputs > kMostWidth) return no("gives no numbers");
  if (!bias.empty() && std::cmp_not_equal(bias.size(), weight.outputs))
    return no("has a bias of another size than its weight");
  QUERN_TRY(auto out, with_width(x, weight.inputs));
  if (is_scaled(out)) take_up_scale(out, weight, bias);
  out.factors.clear();
  out.terms.clear();
  out.ending = Ending::none;
  out.width = weight.outputs;
  return pushed(std::move(out), linear_layer(weight, std::move(bias)));
}

namespace {

/// Behind a layer without weights of its own a scale would be lost.
Result<void> check_unscaled(const ModuleFlow& x) {
  if (!is_scaled(x)) return {};
  return no("stands behind a factor or term that no linear layer takes up");
}

}  // namespace

Result<ModuleFlow> push_activation(const ModuleFlow& x, ir::Activation activation) {
  const bool sigmoid = activation == ir::Activation::sigmoid;
  QUERN_CHECK(is_sum(x) && sigmoid ? check_ending(x) : check_open(x));
  QUERN_CHECK(check_unscaled(x));
  auto out = x;
  out.ending = sigmoid ? Ending::sigmoid : Ending::none;
  if (is_sum(x)) return out;
  return pushed(std::move(out), {ir::ActivationLayer{activation}});
}

Result<ModuleFlow> push_dropout(const ModuleFlow& x, double rate) {
  QUERN_CHECK(check_open(x));
  if (!(rate >= 0 && rate < 1)) return no("drops a share that is not below 1");
  if (rate == 0) return x;
  auto out = x;
  out.ending = Ending::none;
  return pushed(std::move(out), {ir::DropoutLayer{static_cast<float>(rate)}});
}

Result<ModuleFlow> push_batch_norm(const ModuleFlow& x, const ir::BatchNormLayer& layer,
                                   std::vector<ir::Tensor> tensors) {
  QUERN_CHECK(check_open(x));
  QUERN_CHECK(check_unscaled(x));
  if (x.flat) return no("reads one number for each row in place of a row of numbers");
  const bool good = layer.momentum >= 0 && layer.momentum <= 1 && layer.epsilon > 0;
  if (!good) return no("has a momentum or epsilon out of range");
  QUERN_TRY(auto out, with_width(x, tensors.front().shape.front()));
  out.ending = Ending::none;
  return pushed(std::move(out), {layer, std::move(tensors)});
}

Result<ModuleFlow> push_scale(const ModuleFlow& x, const Numbers& factors, const Numbers& terms) {
  QUERN_CHECK(check_open(x));
  const auto finite = [](const Numbers& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](double n) { return std::isfinite(n); });
  };
  if (!finite(factors) || !finite(terms)) return no("has a number that is not finite");
  auto out = x;
  for (const auto* numbers : {&factors, &terms}) {
    if (numbers->size() == 1) continue;
    QUERN_TRY(out, with_width(out, static_cast<std::int64_t>(numbers->size())));
  }
  if (ends_linear(out)) return scale_last(out, factors, terms);
  if (!is_scaled(out)) {
    out.factors = {1};
    out.terms = {0};
  }
  compose(out, factors, terms);
  return out;
}

Result<ModuleFlow> push_softmax(const ModuleFlow& x) {
  QUERN_CHECK(is_sum(x) ? check_ending(x) : check_open(x));
  QUERN_CHECK(check_unscaled(x));
  if (x.flat) return no("is over rows in place of a row's numbers");
  auto out = x;
  out.ending = Ending::softmax;
  return out;
}

Result<ModuleFlow> push_sum(const ModuleFlow& a, const ModuleFlow& b) {
  for (const auto* x : {&a, &b}) {
    if (!check_ending(*x)) return no("adds up what a softmax or a sigmoid of a sum gives");
    QUERN_CHECK(check_unscaled(*x));
    const bool layers = std::all_of(x->towers.begin(), x->towers.end(), has_linear);
    if (!layers) return no("adds what goes in to what comes out");
  }
  if (share_layers(a, b)) return no("adds up branches with layers in common");
  if (a.width != b.width || a.flat != b.flat) return no("adds up values of different shapes");
  const auto inputs = a.towers.front().inputs;
  if (inputs != b.towers.front().inputs) return no("adds up what reads different numbers");
  auto out = a;
  out.ending = Ending::none;
  out.towers.insert(out.towers.end(), b.towers.begin(), b.towers.end());
  if (out.towers.size() > kMostTowers) return no("adds up too many branches");
  return out;
}

Result<ModuleFlow> as_flat(const ModuleFlow& x, bool flat) {
  if (x.flat == flat) return x;
  if (x.ending == Ending::softmax) return no("stands behind a softmax");
  if (flat && x.width != 1) return no("makes one row of numbers of all rows");
  auto out = x;
  out.flat = flat;
  return out;
}

namespace {

/// A tower's layers with their numbers, cut before the last linear one.
Result<ir::TowerPlan> plan_of(const FlowTower& tower, const std::string& name,
                              std::vector<ir::Tensor>& weights) {
  if (!has_linear(tower)) return no("has no linear layer");
  ir::TowerPlan out{.name = name, .layers = {}, .embeds = false, .last = {}};
  out.inputs = static_cast<std::int32_t>(tower.inputs);
  std::size_t last = 0;
  for (std::size_t i = 0; i < tower.layers.size(); ++i) {
    const auto& layer = *tower.layers[i];
    if (std::holds_alternative<ir::LinearLayer>(layer.layer)) last = i;
    out.layers.push_back(layer.layer);
    for (auto tensor : layer.tensors) {
      tensor.name = name + ".layer" + std::to_string(i) + "." + tensor.name;
      weights.push_back(std::move(tensor));
    }
  }
  const auto cut = out.layers.begin() + static_cast<std::ptrdiff_t>(last);
  out.last.assign(cut, out.layers.end());
  out.layers.erase(cut, out.layers.end());
  return out;
}

Result<void> check_finite(const std::vector<ir::Tensor>& weights) {
  for (const auto& tensor : weights) {
    const bool finite = std::all_of(tensor.values.begin(), tensor.values.end(),
                                    [](float x) { return std::isfinite(x); });
    if (finite) continue;
    return Diagnostic{Code::corrupt_model,
                      "the module has a weight that is not finite: " + tensor.name};
  }
  return {};
}

}  // namespace

Result<ir::ScriptedModule> to_module(const ModuleFlow& returned) {
  if (is_scaled(returned)) return no("ends in a factor or term that no linear layer takes up");
  ir::ScriptedModule out;
  out.ending = returned.ending;
  for (std::size_t t = 0; t < returned.towers.size(); ++t) {
    auto tower = returned.towers[t];
    // The link that training adds.
    if (out.ending == Ending::sigmoid && !is_sum(returned)) tower.layers.pop_back();
    const auto name = "module" + (t == 0 ? "" : std::to_string(t + 1));
    QUERN_TRY(auto plan, plan_of(tower, name, out.weights));
    out.plan.towers.push_back(std::move(plan));
  }
  QUERN_CHECK(check_finite(out.weights));
  return out;
}

ir::Network plain_network(const ir::ScriptedModule& module) {
  ir::Network out;
  for (const auto& plan : module.plan.towers) {
    out.features = plan.inputs;
    ir::Tower tower{plan.name, {ir::DenseBlock{0, plan.inputs}}, plan.layers};
    tower.layers.insert(tower.layers.end(), plan.last.begin(), plan.last.end());
    out.outputs = std::get<ir::LinearLayer>(plan.last.front()).outputs;
    out.towers.push_back(std::move(tower));
  }
  return out;
}

}  // namespace quern::runtime::training
