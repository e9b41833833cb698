// Columns take steps, behind them stand layers; both are shared between values and never changed.

#include "codegen/import/flow.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quern::codegen {
namespace {

using Form = Flow::Form;
using After = Flow::After;

constexpr std::size_t kMostSteps = 16;
constexpr std::size_t kMostTowers = 64;

Diagnostic no(const std::string& why) { return {Code::not_in_this_version, why}; }
Diagnostic too_large() { return no("makes the graph too large to be read"); }

template <typename T>
const T& at(const std::vector<T>& values, std::size_t i) {
  return values.size() == 1 ? values.front() : values[i];
}

void add_scale(FlowColumn& column, const ir::Standardize& scale) {
  auto* before =
      column.steps.empty() ? nullptr : std::get_if<ir::Standardize>(&column.steps.back());
  if (before != nullptr && before->deviation == 1 && scale.mean == 0)
    before->deviation = scale.deviation;
  else
    column.steps.emplace_back(scale);
}

/// Each column with a step more, or with two.
template <typename StepOf>
Result<Flow> with_steps(const Flow& x, FlowBudget& budget, const StepOf& step_of) {
  if (!budget.take(size_of(*x.columns) + 2 * x.columns->size())) return too_large();
  auto columns = std::make_shared<FlowColumns>(*x.columns);
  for (std::size_t i = 0; i < columns->size(); ++i) {
    auto& column = (*columns)[i];
    if (column.steps.size() >= kMostSteps) return too_large();
    step_of(i, column);
  }
  Flow out = x;
  out.columns = std::move(columns);
  out.whole = false;
  return out;
}

Result<Flow> shift_trees(const Flow& x, const std::vector<Affine>& by, FlowBudget& budget) {
  std::size_t nodes = 0;
  for (const auto& tree : x.trees->trees) nodes += tree.nodes.size();
  if (!budget.take(nodes)) return too_large();
  auto trees = std::make_shared<FlowTrees>(*x.trees);
  for (auto& tree : trees->trees) {
    const auto deviation = at(by, static_cast<std::size_t>(tree.output)).deviation;
    for (auto& node : tree.nodes)
      if (node.left == -1) node.value = static_cast<float>(node.value / deviation);
  }
  for (std::size_t o = 0; o < trees->base.size(); ++o)
    trees->base[o] = (trees->base[o] - at(by, o).mean) / at(by, o).deviation;
  Flow out = x;
  out.trees = std::move(trees);
  return out;
}

std::vector<float>* tensor_of(FlowLayer& layer, const std::string& name) {
  for (auto& [known, values] : layer.tensors)
    if (known == name) return &values;
  return nullptr;
}

/// The last layer, a linear one, with other weights.
Result<Flow> shift_linear(const Flow& x, const std::vector<Affine>& by, FlowBudget& budget) {
  auto layer = std::make_shared<FlowLayer>(*x.towers.front().back());
  const auto outputs = static_cast<std::size_t>(x.width);
  auto& linear = std::get<ir::LinearLayer>(layer->layer);
  if (!linear.bias) layer->tensors.emplace_back("bias", std::vector<float>(outputs));
  linear.bias = true;
  auto& weights = *tensor_of(*layer, "weight");
  auto& bias = *tensor_of(*layer, "bias");
  if (!budget.take(weights.size())) return too_large();
  const auto inputs = weights.size() / outputs;
  for (std::size_t o = 0; o < outputs; ++o) {
    const auto& affine = at(by, o);
    bias[o] = static_cast<float>((bias[o] - affine.mean) / affine.deviation);
    for (std::size_t i = 0; i < inputs && affine.deviation != 1; ++i)
      weights[o * inputs + i] = static_cast<float>(weights[o * inputs + i] / affine.deviation);
  }
  Flow out = x;
  out.towers.front().back() = std::move(layer);
  return out;
}

/// A batch norm whose statistics are 0 and 1.
FlowLayer scale_layer(const std::vector<Affine>& by, std::int64_t width) {
  const auto size = static_cast<std::size_t>(width);
  std::vector<float> weight(size), bias(size);
  for (std::size_t i = 0; i < size; ++i) {
    weight[i] = static_cast<float>(1 / at(by, i).deviation);
    bias[i] = static_cast<float>(-at(by, i).mean / at(by, i).deviation);
  }
  constexpr float kNothing = 1e-30F;
  return {ir::BatchNormLayer{.momentum = 0.1F, .epsilon = kNothing},
          {{"weight", std::move(weight)},
           {"bias", std::move(bias)},
           {"running_mean", std::vector<float>(size)},
           {"running_var", std::vector<float>(size, 1.0F)}}};
}

bool ends_linear(const Flow& x) {
  return x.link == After::none && x.towers.size() == 1 &&
         std::holds_alternative<ir::LinearLayer>(x.towers.front().back()->layer);
}

/// A logistic with layers behind it was no link, but an activation.
Result<Flow> settled(const Flow& x) {
  if (!x.is_open()) return no("stands behind what only ends a model");
  if (x.trees) return no("stands behind a tree ensemble");
  if (x.link == After::none) return x;
  Flow out = x;
  out.link = After::none;
  return push_layer(out, {ir::ActivationLayer{ir::Activation::sigmoid}}, out.width);
}

}  // namespace

Flow unread(Diagnostic why) {
  Flow out;
  out.why = std::make_shared<const Diagnostic>(std::move(why));
  return out;
}

Result<Flow> shift(const Flow& x, const std::vector<Affine>& by, FlowBudget& budget) {
  const bool finite = std::all_of(by.begin(), by.end(), [](const Affine& a) {
    return std::isfinite(a.mean) && std::isfinite(a.deviation) && a.deviation != 0;
  });
  if (!finite) return no("has a factor or term that is 0 or not finite");
  if (by.size() != 1 && std::cmp_not_equal(by.size(), x.width))
    return no("has a constant of another width than what it is applied to");
  const bool rising =
      std::all_of(by.begin(), by.end(), [](const Affine& a) { return a.deviation > 0; });
  if (x.is(Form::columns) && rising) {
    return with_steps(x, budget, [&](std::size_t i, FlowColumn& column) {
      const auto& affine = at(by, i);
      if (!affine.is_nothing()) add_scale(column, {affine.mean, affine.deviation});
    });
  }
  if (x.is(Form::numbers) && x.link == After::none && x.trees) return shift_trees(x, by, budget);
  if (x.is(Form::numbers) && ends_linear(x)) return shift_linear(x, by, budget);
  if (!budget.take(static_cast<std::size_t>(x.width))) return too_large();
  QUERN_TRY(const auto open, settled(x));
  return push_layer(open, scale_layer(by, open.width), open.width);
}

Result<Flow> impute(const Flow& x, const std::vector<double>& values, FlowBudget& budget) {
  if (!x.is(Form::columns)) return no("stands behind layers");
  if (values.size() != 1 && std::cmp_not_equal(values.size(), x.width))
    return no("has another number of values than there are columns");
  return with_steps(x, budget, [&](std::size_t i, FlowColumn& column) {
    column.steps.emplace_back(ir::Impute{ir::Replacement::constant, at(values, i)});
  });
}

Result<Flow> binarize(const Flow& x, double threshold, FlowBudget& budget) {
  if (!x.is(Form::columns)) return no("stands behind layers");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return with_steps(x, budget, [&](std::size_t, FlowColumn& column) {
    // A boundary begins the bucket above it.
    column.steps.emplace_back(ir::Bucket{{std::nextafter(threshold, kInfinity)}});
    column.steps.emplace_back(ir::Impute{ir::Replacement::constant, 0});
  });
}

Result<Flow> select(const Flow& x, const std::vector<std::int64_t>& places, FlowBudget& budget) {
  if (!x.is(Form::columns) && !x.is(Form::texts)) return no("takes single numbers out of a layer");
  if (places.size() > FlowBudget::kMostColumns || !budget.take(places.size())) return too_large();
  auto columns = std::make_shared<FlowColumns>();
  for (auto place : places) {
    if (place < 0) place += x.width;
    if (place < 0 || place >= x.width) return no("takes a column that is not there");
    columns->push_back((*x.columns)[static_cast<std::size_t>(place)]);
    if (!budget.take(columns->back().steps.size())) return too_large();
  }
  Flow out = x;
  out.width = static_cast<std::int64_t>(columns->size());
  out.columns = std::move(columns);
  return out;
}

Result<Flow> join(const std::vector<Flow>& parts, FlowBudget& budget) {
  auto columns = std::make_shared<FlowColumns>();
  Flow out = parts.front();
  for (const auto& part : parts) {
    if (!part.is(Form::columns) && !part.is(Form::texts))
      return no("puts the outputs of layers beside others");
    if (!part.is(out.form)) return no("puts texts beside numbers");
    const auto size = columns->size() + part.columns->size();
    if (size > FlowBudget::kMostColumns || !budget.take(size_of(*part.columns))) return too_large();
    columns->insert(columns->end(), part.columns->begin(), part.columns->end());
    out.whole = out.whole && part.whole;
    out.cut = out.cut || part.cut;
  }
  out.width = static_cast<std::int64_t>(columns->size());
  out.columns = std::move(columns);
  return out;
}

Result<Flow> push_layer(const Flow& x, FlowLayer layer, std::int64_t width) {
  QUERN_TRY(auto out, settled(x));
  if (out.towers.size() > 1) return no("stands behind a sum of branches");
  if (out.towers.empty()) out.towers.emplace_back();
  auto& tower = out.towers.front();
  if (tower.size() >= FlowBudget::kMostLayers) return too_large();
  tower.push_back(std::make_shared<const FlowLayer>(std::move(layer)));
  out.form = Form::numbers;
  out.width = width;
  return out;
}

Result<Flow> activate(const Flow& x, ir::Activation activation) {
  return push_layer(x, {ir::ActivationLayer{activation}}, x.width);
}

Result<Flow> add(const Flow& a, const Flow& b, FlowBudget& budget) {
  const auto margins = [](const Flow& x) { return x.is(Form::numbers) && x.link == After::none; };
  if (!margins(a) || !margins(b)) return no("adds up what are no margins");
  if (a.width != b.width) return no("adds up margins of different widths");
  if (a.columns != b.columns && (!budget.take(a.columns->size()) || *a.columns != *b.columns))
    return no("adds up what reads different columns");
  if ((a.trees == nullptr) != (b.trees == nullptr)) return no("adds up trees and layers");
  Flow out = a;
  if (a.trees) {
    std::size_t nodes = 0;
    for (const auto* side : {&a, &b})
      for (const auto& tree : side->trees->trees) nodes += tree.nodes.size();
    if (!budget.take(nodes)) return too_large();
    auto trees = std::make_shared<FlowTrees>(*a.trees);
    trees->trees.insert(trees->trees.end(), b.trees->trees.begin(), b.trees->trees.end());
    for (std::size_t o = 0; o < trees->base.size(); ++o) trees->base[o] += b.trees->base[o];
    out.trees = std::move(trees);
    return out;
  }
  out.towers.insert(out.towers.end(), b.towers.begin(), b.towers.end());
  if (out.towers.size() > kMostTowers) return too_large();
  return out;
}

}  // namespace quern::codegen
