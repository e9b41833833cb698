// Margins by ONNX's tree ensembles or a product of matrices, then links and labels.

#include "codegen/export/model_graph.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/box.h"
#include "base/version.h"
#include "codegen/export/feature_graph.h"
#include "codegen/export/graph_builder.h"
#include "codegen/export/network_graph.h"

namespace quern::codegen {
namespace {

using Value = GraphBuilder::Value;
using Longs = std::vector<std::int64_t>;
using Floats = std::vector<float>;
using Texts = std::vector<std::string>;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

bool goes_right(const Tree& tree, const Node& node, std::size_t code) {
  const auto word = code / 32;
  if (word >= node.categories_size) return false;
  return (tree.categories[node.categories_begin + word] >> (code % 32) & 1U) != 0;
}

/// The splits of a forest by sets of categories, each as a column that says 1 where a row goes
/// right and 0 where it goes left; ONNX's trees of this version ask about numbers only.
class CategorySplits {
 public:
  explicit CategorySplits(const Forest& forest) : features_(forest.features) {
    for (const auto& tree : forest.trees)
      for (const auto& node : tree.nodes)
        if (node.left != -1 && node.categorical) add(tree, node);
  }

  /// The column that stands for a split, in the widened matrix.
  std::int64_t column_of(const Tree& tree, const Node& node) const {
    return columns_.at({node.feature, set_of(tree, node)});
  }

  /// Appends the columns to the matrix: code -> answers, by a table for each feature.
  Value widen(const Value& matrix, GraphBuilder& out) const {
    if (columns_.empty()) return matrix;
    std::vector<Value> parts = {matrix};
    for (const auto& [feature, sets] : by_feature_)
      parts.push_back(answers(column_at(matrix, feature, out), sets, out));
    return out.concat(parts);
  }

 private:
  using Set = std::vector<bool>;  ///< by code, without the last ones that go left

  static Set set_of(const Tree& tree, const Node& node) {
    Set set(std::size_t{node.categories_size} * 32);
    for (std::size_t code = 0; code < set.size(); ++code) set[code] = goes_right(tree, node, code);
    while (!set.empty() && !set.back()) set.pop_back();
    return set;
  }

  void add(const Tree& tree, const Node& node) {
    auto set = set_of(tree, node);
    auto& sets = by_feature_[node.feature];
    if (std::find(sets.begin(), sets.end(), set) != sets.end()) return;
    sets.push_back(std::move(set));
    columns_.clear();  // those of the features behind have moved
    std::int64_t column = features_;
    for (const auto& [feature, known] : by_feature_)
      for (const auto& one : known) columns_[{feature, one}] = column++;
  }

  static Value column_at(const Value& matrix, std::int32_t feature, GraphBuilder& out) {
    const auto at = out.constant(Longs{feature});
    return out.node("Gather", {matrix, at}, {{"axis", std::int64_t{1}}});
  }

  /// Rows of the table are codes; then one for all others, which go left; then one for missing.
  static Value answers(const Value& column, const std::vector<Set>& sets, GraphBuilder& out) {
    std::size_t codes = 0;
    for (const auto& set : sets) codes = std::max(codes, set.size());
    Floats table;
    for (std::size_t code = 0; code <= codes; ++code)
      for (const auto& set : sets) table.push_back(code < set.size() && set[code] ? 1.0F : 0.0F);
    table.insert(table.end(), sets.size(), kMissing);
    const auto rows = static_cast<std::int64_t>(codes) + 2;
    const auto values =
        out.constant(std::move(table), {rows, static_cast<std::int64_t>(sets.size())});
    const auto others = out.constant(Floats{static_cast<float>(codes)});
    const auto missing = out.constant(Floats{static_cast<float>(codes + 1)});
    const auto known = out.node("Less", {column, others});
    const auto place = out.choose(out.is_nan(column), missing, out.choose(known, column, others));
    const auto flat =
        out.node("Squeeze", {out.cast(place, Element::int64), out.constant(Longs{1})});
    return out.node("Gather", {values, flat}, {{"axis", std::int64_t{0}}});
  }

  std::int32_t features_;
  std::map<std::int32_t, std::vector<Set>> by_feature_;
  std::map<std::pair<std::int32_t, Set>, std::int64_t> columns_;
};

/// The lists that ONNX's TreeEnsembleRegressor has in place of nodes.
class Ensemble {
 public:
  Ensemble(const Forest& forest, const CategorySplits& splits) {
    for (std::size_t t = 0; t < forest.trees.size(); ++t)
      add(forest.trees[t], static_cast<std::int64_t>(t), splits);
    base_ = forest.base_margins;
    outputs_ = forest.outputs;
  }

  std::vector<GraphAttribute> attributes() && {
    return {{"n_targets", std::int64_t{outputs_}},
            {"aggregate_function", std::string("SUM")},
            {"post_transform", std::string("NONE")},
            {"base_values", std::move(base_)},
            {"nodes_treeids", std::move(trees_)},
            {"nodes_nodeids", std::move(nodes_)},
            {"nodes_featureids", std::move(features_)},
            {"nodes_values", std::move(values_)},
            {"nodes_modes", std::move(modes_)},
            {"nodes_truenodeids", std::move(left_)},
            {"nodes_falsenodeids", std::move(right_)},
            {"nodes_missing_value_tracks_true", std::move(missing_)},
            {"target_treeids", std::move(leaf_trees_)},
            {"target_nodeids", std::move(leaf_nodes_)},
            {"target_ids", std::move(leaf_outputs_)},
            {"target_weights", std::move(leaf_weights_)}};
  }

 private:
  void add(const Tree& tree, std::int64_t number, const CategorySplits& splits) {
    for (std::size_t n = 0; n < tree.nodes.size(); ++n) {
      const auto& node = tree.nodes[n];
      const bool leaf = node.left == -1;
      const bool of_set = !leaf && node.categorical;
      trees_.push_back(number);
      nodes_.push_back(static_cast<std::int64_t>(n));
      features_.push_back(leaf ? 0 : of_set ? splits.column_of(tree, node) : node.feature);
      values_.push_back(leaf ? 0 : of_set ? 0.5F : node.value);
      modes_.emplace_back(leaf ? "LEAF" : "BRANCH_LT");
      left_.push_back(leaf ? 0 : node.left);
      right_.push_back(leaf ? 0 : node.right);
      missing_.push_back(!leaf && node.default_left ? 1 : 0);
      if (leaf) add_leaf(tree, number, static_cast<std::int64_t>(n), node.value * tree.weight);
    }
  }

  void add_leaf(const Tree& tree, std::int64_t number, std::int64_t node, float weight) {
    leaf_trees_.push_back(number);
    leaf_nodes_.push_back(node);
    leaf_outputs_.push_back(tree.output);
    leaf_weights_.push_back(weight);
  }

  std::int32_t outputs_ = 1;
  Floats base_, values_, leaf_weights_;
  Longs trees_, nodes_, features_, left_, right_, missing_, leaf_trees_, leaf_nodes_, leaf_outputs_;
  Texts modes_;
};

Value lower_margins(const Forest& forest, const Value& matrix, GraphBuilder& out) {
  const CategorySplits splits(forest);
  const auto wide = splits.widen(matrix, out);
  return out.node("TreeEnsembleRegressor", {wide}, Ensemble(forest, splits).attributes(),
                  GraphBuilder::kMl);
}

Value lower_margins(const Linear& linear, const Value& matrix, GraphBuilder& out) {
  const auto zero = out.constant(Floats{0});
  const auto known = out.choose(out.is_nan(matrix), zero, matrix);
  const auto inner = linear.weights.end() - linear.outputs;
  const auto weights =
      out.constant(Floats(linear.weights.begin(), inner), {linear.features, linear.outputs});
  Floats bias;
  for (std::int32_t o = 0; o < linear.outputs; ++o)
    bias.push_back(linear.bias(o) + linear.base_margins[static_cast<std::size_t>(o)]);
  return out.node("Add", {out.node("MatMul", {known, weights}), out.constant(std::move(bias))});
}

Value lower_margins(const NetworkModel& network, const Value& matrix, GraphBuilder& out) {
  return lower_network(network, matrix, out);
}

/// Writes the outputs of one model.
class Answers {
 public:
  Answers(const ir::Label& label, GraphBuilder& out) : label_(label), out_(out) {}

  Result<Value> lower(const ModelShape& shape, const Value& margins) {
    switch (shape.link) {
      case Link::identity:
        return label_.task == ir::Task::clusters ? label(margins) : number(margins);
      case Link::exponential: return number(out_.node("Exp", {margins}));
      case Link::logistic: return logistic(margins);
      case Link::shares:
        return probabilities(label_.task == ir::Task::binary ? two_columns(margins) : margins);
      case Link::softmax: return probabilities(out_.node("Softmax", {margins}, {axis(1)}));
      case Link::softmax_class: return label(margins);
      case Link::hinge: {
        const auto above = out_.node("Greater", {margins, out_.constant(Floats{0})});
        return label(two_columns(out_.cast(above, Element::f32)));
      }
    }
    return Diagnostic{Code::internal, "a link of no kind"};
  }

 private:
  static GraphAttribute axis(std::int64_t of) { return {"axis", of}; }
  std::int64_t classes() const { return static_cast<std::int64_t>(label_.classes.size()); }

  Result<Value> number(const Value& value) {
    out_.output("prediction", value, Element::f32, label_.width());
    return value;
  }

  Result<Value> logistic(const Value& margins) {
    const auto probability = out_.node("Sigmoid", {margins});
    return label_.task == ir::Task::regression ? number(probability)
                                               : probabilities(two_columns(probability));
  }

  /// [1 - p, p]
  Value two_columns(const Value& of_second) {
    const auto of_first = out_.node("Sub", {out_.constant(Floats{1}), of_second});
    return out_.concat({of_first, of_second});
  }

  Result<Value> probabilities(const Value& value) {
    QUERN_TRY(const auto called, label(value));
    out_.output("probabilities", value, Element::f32, classes());
    return called;
  }

  /// The class of the largest of a row's numbers, the first of equals, in the label's own type.
  Result<Value> label(const Value& scores) {
    const auto place = out_.node("ArgMax", {scores}, {axis(1), {"keepdims", std::int64_t{0}}});
    const bool text = std::holds_alternative<std::string>(label_.classes.front());
    const bool real = std::holds_alternative<double>(label_.classes.front());
    Longs keys, whole;
    Texts texts;
    Floats reals;
    for (const auto& c : label_.classes) {
      keys.push_back(static_cast<std::int64_t>(keys.size()));
      if (text) texts.push_back(std::get<std::string>(c));
      if (real) reals.push_back(static_cast<float>(std::get<double>(c)));
      if (const auto* yes = std::get_if<bool>(&c)) whole.push_back(*yes ? 1 : 0);
      if (const auto* number = std::get_if<std::int64_t>(&c)) whole.push_back(*number);
    }
    const GraphAttribute from{"keys_int64s", std::move(keys)};
    if (text)
      return named(out_.look_up(place, from, {"values_strings", std::move(texts)},
                                {"default_string", std::string()}),
                   Element::text);
    if (real)
      return named(out_.look_up(place, from, {"values_floats", std::move(reals)},
                                {"default_float", kMissing}),
                   Element::f32);
    return named(out_.node("Gather", {out_.constant(std::move(whole)), place}, {axis(0)}),
                 Element::int64);
  }

  Result<Value> named(const Value& value, Element element) {
    out_.output("label", value, element, 0);
    return value;
  }

  const ir::Label& label_;
  GraphBuilder& out_;
};

void describe(const ir::Manifest& manifest, Graph& graph) {
  graph.name = manifest.estimator;
  graph.description = "label: " + manifest.label.column + "; objective: " + manifest.objective;
  graph.metadata = {{"quern.version", version()},
                    {"quern.label", manifest.label.column},
                    {"quern.estimator", manifest.estimator},
                    {"quern.objective", manifest.objective},
                    {"quern.library", manifest.library}};
}

/// The model without base margins, and those that each row brings added up with its own.
Model without_base(Model model) {
  std::visit(
      [](auto& of_kind) {
        std::fill(of_kind.base_margins.begin(), of_kind.base_margins.end(), 0.0F);
      },
      model);
  return model;
}

Value add_base(const std::vector<ir::Input>& columns, const Value& margins, GraphBuilder& out) {
  if (columns.empty()) return margins;
  std::vector<Value> given;
  for (const auto& column : columns) {
    const auto& inputs = out.graph().inputs;
    const bool is_read = std::any_of(inputs.begin(), inputs.end(),
                                     [&](const Port& port) { return port.name == column.name; });
    given.push_back(is_read ? column.name : out.input(column.name, Element::f64, 1));
  }
  return out.node("Add", {margins, out.cast(out.concat(given), Element::f32)});
}

}  // namespace

Result<Graph> lower_model(const ir::Manifest& manifest, const Model& model) {
  GraphBuilder out;
  QUERN_TRY(const auto matrix, lower_features(manifest.program, out));
  const bool given = !manifest.base_margin.empty();
  const auto lower = [&](const auto& of_kind) { return lower_margins(of_kind, matrix, out); };
  const auto own = given ? std::visit(lower, without_base(model)) : std::visit(lower, model);
  const auto margins = add_base(manifest.base_margin, own, out);
  QUERN_CHECK(Answers(manifest.label, out).lower(shape_of(model), margins));
  describe(manifest, out.graph());
  return std::move(out.graph());
}

}  // namespace quern::codegen
