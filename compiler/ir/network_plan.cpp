// Towers over fitted features.

#include "compiler/ir/network_plan.h"

#include <algorithm>
#include <cmath>

#include "base/box.h"
#include "base/format.h"

namespace quern::ir {
namespace {

/// Codes of a category; the one of values that were not seen in training is none.
std::int64_t categories_of(const Feature& feature) {
  if (!feature.steps.empty()) {
    if (const auto* identity = std::get_if<Identity>(&feature.steps.back())) return identity->size;
  }
  return std::visit(
      Overloaded{
          [](const Category& c) { return static_cast<std::int64_t>(c.vocabulary.size()); },
          [](const HashedCategory& h) { return std::int64_t{h.buckets}; },
          [](const Cross& c) { return std::int64_t{c.buckets}; },
          [](const auto&) { return std::int64_t{0}; },
      },
      feature.transform);
}

/// A column of nothing but NULL has no category; the network then reads zeros.
std::int32_t rows_of(std::int64_t categories) {
  return static_cast<std::int32_t>(std::max<std::int64_t>(categories, 1));
}

class TowerBuilder {
 public:
  TowerBuilder(const TowerPlan& plan, std::int32_t index) : plan_(plan), index_(index) {}

  /// Ids of a text of which each feature is one.
  static bool is_step(const Feature& feature) {
    const auto* element = std::get_if<Element>(&feature.transform);
    return element != nullptr && element->ragged;
  }

  void add(const Feature& feature, std::int32_t at) {
    if (is_step(feature)) return add_step(feature, at);
    for (const auto& use : uses_of(feature.uses)) {
      if (!feature.is_category())
        add_number(at);
      else
        add_category(use, at, rows_of(categories_of(feature)));
    }
  }

  void add(const SparseGroup& group, std::int32_t at) {
    for (const auto& use : uses_of(group.uses)) {
      const auto rows = rows_of(group.width);
      const bool embedded = use.reading == Reading::embedded;
      const bool weighted = !std::holds_alternative<OneHot>(group.source) && is_weighted(group);
      blocks_.emplace_back(
          BagBlock{at, rows, embedded ? width_of(use, rows) : 0, use.combiner, weighted});
    }
  }

  std::vector<Block> take() { return std::move(blocks_); }

  /// Columns of numbers as the steps of one sequence, where there is no other. False where they are
  /// no whole number of steps.
  bool make_steps() {
    for (const auto& block : blocks_) {
      if (std::holds_alternative<SequenceBlock>(block)) return true;
    }
    auto* dense = blocks_.size() == 1 ? std::get_if<DenseBlock>(&blocks_.front()) : nullptr;
    if (dense == nullptr || dense->count % plan_.numbers != 0) return false;
    blocks_.front() = SequenceBlock{dense->first, dense->count / plan_.numbers, plan_.numbers};
    return true;
  }

 private:
  static bool is_weighted(const SparseGroup& group) {
    const auto* text = std::get_if<SparseText>(&group.source);
    return text == nullptr || text->weighted;
  }

  /// What this tower makes of a feature: nothing, or one block or more.
  std::vector<NetworkUse> uses_of(const std::vector<NetworkUse>& all) const {
    std::vector<NetworkUse> out;
    for (const auto& use : all) {
      if (use.tower < 0 || use.tower == index_) out.push_back(use);
    }
    if (all.empty()) out.emplace_back();
    return out;
  }

  static std::int32_t width_of(const NetworkUse& use, std::int64_t categories) {
    return use.width > 0 ? use.width : embedding_width(categories);
  }

  /// The next step of the text before, or the first of another.
  void add_step(const Feature& feature, std::int32_t at) {
    const auto& element = std::get<Element>(feature.transform);
    if (element.index > 0) return;
    const auto rows = rows_of(categories_of(feature));
    const auto use = feature.uses.empty() ? NetworkUse{} : feature.uses.front();
    blocks_.emplace_back(SequenceBlock{at, element.of, 1, rows, width_of(use, rows)});
  }

  void add_number(std::int32_t at) {
    auto* last = blocks_.empty() ? nullptr : std::get_if<DenseBlock>(&blocks_.back());
    if (last != nullptr && last->first + last->count == at) {
      ++last->count;
    } else {
      blocks_.emplace_back(DenseBlock{at, 1});
    }
  }

  void add_category(const NetworkUse& use, std::int32_t at, std::int32_t rows) {
    const bool embedded =
        use.reading == Reading::embedded || (use.reading == Reading::usual && plan_.embeds);
    if (embedded)
      blocks_.emplace_back(EmbeddingBlock{at, rows, width_of(use, rows)});
    else
      blocks_.emplace_back(OneHotBlock{at, rows});
  }

  const TowerPlan& plan_;
  std::int32_t index_;
  std::vector<Block> blocks_;
};

Result<Tower> build(const TowerPlan& plan, std::int32_t index, const FeatureProgram& program,
                    std::int32_t outputs) {
  TowerBuilder builder(plan, index);
  const auto dense = dense_width(program);
  for (std::size_t f = 0; f < dense; ++f)
    builder.add(program.features[f], static_cast<std::int32_t>(f));
  for (std::size_t g = 0; g < program.groups.size(); ++g)
    builder.add(program.groups[g], static_cast<std::int32_t>(g));
  if (plan.numbers > 0 && !builder.make_steps()) {
    return Diagnostic{
        Code::function_arguments,
        "the columns make up no steps of " + counted(plan.numbers, "number") + " each",
        {},
        "name the numbers of the first step, then those of the next, or use "
        "SEQ_CATEGORY_ID"};
  }
  Tower out{.name = plan.name, .blocks = builder.take(), .layers = plan.layers};
  if (plan.last.empty()) out.layers.emplace_back(LinearLayer{outputs});
  out.layers.insert(out.layers.end(), plan.last.begin(), plan.last.end());
  return out;
}

/// Whether the layers that the statement gives read the features and end in the outputs.
Result<void> check_sizes(const Network& network, const TowerPlan& plan, const Tower& tower) {
  const auto sizes = widths(network, tower);
  if (plan.inputs > 0 && plan.inputs != sizes.front()) {
    return Diagnostic{Code::attribute_range,
                      "the first layer reads " + std::to_string(plan.inputs) +
                          " numbers, the features give " + std::to_string(sizes.front())};
  }
  if (plan.last.empty() || sizes.back() == network.outputs) return {};
  return Diagnostic{Code::attribute_range,
                    "the last layer gives " + counted(sizes.back(), "output") +
                        ", the label needs " + std::to_string(network.outputs)};
}

}  // namespace

std::int32_t embedding_width(std::int64_t categories) {
  constexpr double kMost = 50;
  const double n = static_cast<double>(std::max<std::int64_t>(categories, 1));
  const double width = std::clamp(std::round(1.6 * std::pow(n, 0.56)), 2.0, kMost);
  return static_cast<std::int32_t>(std::min(width, n));
}

Result<Network> lay_out(const NetworkPlan& plan, const FeatureProgram& program,
                        std::int32_t outputs) {
  Network out{.features = static_cast<std::int32_t>(dense_width(program)),
              .group_widths = {},
              .towers = {},
              .outputs = outputs};
  for (const auto& group : program.groups) out.group_widths.push_back(rows_of(group.width));
  for (std::size_t t = 0; t < plan.towers.size(); ++t) {
    QUERN_TRY(auto tower, build(plan.towers[t], static_cast<std::int32_t>(t), program, outputs));
    if (tower.blocks.empty()) {
      return Diagnostic{Code::no_features,
                        "no column is left for the part " + tower.name + " of the network"};
    }
    QUERN_CHECK(check_sizes(out, plan.towers[t], tower));
    out.towers.push_back(std::move(tower));
  }
  if (auto good = check(out); !good) {
    auto error = good.errors().front();
    error.code = Code::attribute_range;
    return error;
  }
  return out;
}

std::string plan_words(const NetworkPlan& plan) {
  std::string out;
  for (const auto& tower : plan.towers) {
    out += (out.empty() ? "" : "; ") + tower.name + ":";
    auto layers = tower.layers;
    layers.insert(layers.end(), tower.last.begin(), tower.last.end());
    for (std::size_t i = 0; i < layers.size(); ++i)
      out += (i == 0 ? " " : ", ") + layer_words(layers[i]);
    if (tower.last.empty())
      out += std::string(layers.empty() ? " " : ", ") + "linear to the outputs";
  }
  return out;
}

}  // namespace quern::ir
