// Reads XGBoost's model document into a Model. The payload comes out of a table that anyone may
// have written, so nothing in it is believed: every index, count and number is checked here, once,
// and the scorers need not check again.

#include <algorithm>
#include <cmath>
#include <new>

#include "codegen/forest/fields.h"
#include "codegen/forest/objective.h"
#include "codegen/forest/tree_reader.h"
#include "codegen/model.h"

namespace quern::codegen {
namespace {

using Numbers = DocumentValue::Numbers;
using List = DocumentValue::List;

constexpr std::int64_t kMaxFeatures = 1 << 24;
constexpr std::int64_t kMaxOutputs = 1 << 16;
constexpr std::size_t kCategoryWords = 1 << 26;  ///< 256 MB, in the whole forest

Diagnostic not_read(const std::string& what) {
  return {Code::not_in_this_version, "XGBoost models with " + what + " are not read"};
}

/// Says in which tree a problem lies.
Diagnostics in_tree(std::size_t tree, Diagnostics problems) {
  for (auto& problem : problems) problem.message += " (tree " + std::to_string(tree) + ")";
  return problems;
}

/// Features, outputs and base score.
Result<void> read_shape(const DocumentValue& learner, BaseScore base_score, ModelShape& out) {
  QUERN_TRY(const auto* shape, member(learner, "learner_model_param"));
  QUERN_TRY(const auto features, size_of(*shape, "num_feature", kMaxFeatures));
  QUERN_TRY(const auto classes, size_of(*shape, "num_class", kMaxOutputs));
  QUERN_TRY(const auto targets, size_of(*shape, "num_target", kMaxOutputs));
  QUERN_TRY(const auto written, text(*shape, "base_score"));
  QUERN_TRY(out.base_margins, base_scores(written));
  out.features = static_cast<std::int32_t>(features);
  out.outputs = static_cast<std::int32_t>(std::max<std::int64_t>({classes, targets, 1}));
  for (float& margin : out.base_margins) {
    margin = base_margin(base_score, margin);
    if (!std::isfinite(margin))
      return corrupt_model("base_score is outside the objective's domain");
  }
  const auto outputs = static_cast<std::size_t>(out.outputs);
  if (out.base_margins.size() == 1) out.base_margins.resize(outputs, out.base_margins[0]);
  if (out.base_margins.size() == outputs) return {};
  return corrupt_model("base_score has another number of values than the model has outputs");
}

/// The position of a stored tree in the sum: its id, or where it stands.
Result<std::size_t> position(const DocumentValue& tree, std::size_t stands, std::size_t trees) {
  const auto* id = tree.find("id");
  if (id == nullptr) return stands;
  const auto* number = id->as<double>();
  const auto at = number != nullptr ? index_below(*number, trees) : std::nullopt;
  if (!at) return corrupt_model("tree " + std::to_string(stands) + " has a bad id");
  return *at;
}

Result<void> read_trees(const List& trees, const Numbers& outputs, Forest& forest) {
  forest.trees.resize(trees.size());
  std::size_t category_words = kCategoryWords;
  for (std::size_t i = 0; i < trees.size(); ++i) {
    QUERN_TRY(const auto at, position(trees[i], i, trees.size()));
    auto tree = read_tree(trees[i], forest.features, category_words, forest.statistics);
    if (!tree) return in_tree(i, std::move(tree).errors());
    if (!forest.trees[at].nodes.empty()) return corrupt_model("two trees have the same id");
    forest.trees[at] = *std::move(tree);
    const auto output = index_below(outputs[at], static_cast<std::size_t>(forest.outputs));
    if (!output)
      return in_tree(i, {corrupt_model("tree_info names an output that does not exist")});
    forest.trees[at].output = static_cast<std::int32_t>(*output);
  }
  return {};
}

/// The trees of gbtree, or of the gbtree within dart.
Result<void> read_booster(const DocumentValue& booster, Forest& forest) {
  QUERN_TRY(const auto* model, member(booster, "model"));
  QUERN_TRY(const auto* trees, member(*model, "trees"));
  QUERN_TRY(const auto* outputs, numbers(*model, "tree_info"));
  const List none;
  const auto* list = trees->as<List>();
  if (const auto* empty = trees->as<Numbers>(); empty != nullptr && empty->empty()) list = &none;
  if (list == nullptr) return corrupt_model("trees is not an array of trees");
  if (outputs->size() != list->size()) {
    return corrupt_model("tree_info has " + std::to_string(outputs->size()) + " entries for " +
                         std::to_string(list->size()) + " trees");
  }
  return read_trees(*list, *outputs, forest);
}

/// Dart adds each leaf to a zero before it weighs it, so a leaf of -0 becomes 0.
void drop_zero_signs(Tree& tree) {
  for (auto& node : tree.nodes) {
    if (node.left == -1) node.value += 0.0F;
  }
}

Result<void> read_weights(const DocumentValue& dart, Forest& forest) {
  QUERN_TRY(const auto* weights, numbers(dart, "weight_drop"));
  if (weights->size() != forest.trees.size()) {
    return corrupt_model("weight_drop has " + std::to_string(weights->size()) + " entries for " +
                         std::to_string(forest.trees.size()) + " trees");
  }
  for (std::size_t i = 0; i < weights->size(); ++i) {
    forest.trees[i].weight = static_cast<float>((*weights)[i]);
    if (!std::isfinite(forest.trees[i].weight)) {
      return in_tree(i, {corrupt_model("weight_drop is not finite")});
    }
    drop_zero_signs(forest.trees[i]);
  }
  return {};
}

/// Features times outputs weights, then the biases.
Result<void> read_weights(const DocumentValue& booster, Linear& linear) {
  QUERN_TRY(const auto* model, member(booster, "model"));
  QUERN_TRY(const auto* weights, numbers(*model, "weights"));
  const auto expected =
      (static_cast<std::size_t>(linear.features) + 1) * static_cast<std::size_t>(linear.outputs);
  if (weights->size() != expected) {
    return corrupt_model("weights has " + std::to_string(weights->size()) + " entries, expected " +
                         std::to_string(expected));
  }
  for (const double weight : *weights) {
    linear.weights.push_back(static_cast<float>(weight));
    if (!std::isfinite(linear.weights.back())) return corrupt_model("a weight is not finite");
  }
  return {};
}

Result<Model> read_linear(ModelShape shape, const DocumentValue& booster) {
  Linear linear{std::move(shape), {}};
  QUERN_CHECK(read_weights(booster, linear));
  return Model(std::move(linear));
}

Result<Model> read_forest(ModelShape shape, const DocumentValue& booster, bool dart) {
  Forest forest{std::move(shape), true, {}};
  const auto* nested = dart ? booster.find("gbtree") : nullptr;
  QUERN_CHECK(read_booster(nested != nullptr ? *nested : booster, forest));
  if (dart) QUERN_CHECK(read_weights(booster, forest));
  return Model(std::move(forest));
}

Result<Model> read_model(const DocumentValue& document) {
  ModelShape shape;
  QUERN_TRY(const auto* learner, member(document, "learner"));
  QUERN_TRY(const auto* objective, member(*learner, "objective"));
  QUERN_TRY(shape.objective, text(*objective, "name"));
  const auto* rule = find_objective(shape.objective);
  if (rule == nullptr) return not_read("objective " + shape.objective.substr(0, 40));
  shape.link = rule->link;
  QUERN_CHECK(read_shape(*learner, rule->base_score, shape));
  QUERN_TRY(const auto* booster, member(*learner, "gradient_booster"));
  QUERN_TRY(const auto name, text(*booster, "name"));
  if (name == "gblinear") return read_linear(std::move(shape), *booster);
  if (name == "gbtree" || name == "dart")
    return read_forest(std::move(shape), *booster, name == "dart");
  return not_read("booster " + name.substr(0, 40));
}

}  // namespace

Result<Model> read_xgboost_model(std::span<const std::uint8_t> payload) {
  QUERN_TRY(const auto document, read_document(payload));
  try {
    return read_model(document);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the model does not fit into memory"};
  }
}

}  // namespace quern::codegen
