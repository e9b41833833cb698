// The operators of ai.onnx.ml: whole models, what scales columns before them, and what names
// classes behind them.

#include <algorithm>
#include <cmath>
#include <limits>

#include "codegen/import/node_attributes.h"
#include "codegen/import/operators.h"
#include "codegen/import/tree_ensemble.h"

namespace quern::codegen {
namespace {

using Flows = std::vector<Flow>;
using Form = Flow::Form;
using After = Flow::After;
using Floats = std::vector<float>;

Result<void> check_columns(const GraphNode& node, const Flows& inputs) {
  if (inputs.empty()) return bad_node(node, "has no input");
  if (inputs.front().is(Form::columns)) return {};
  return unread_node(node, "stands behind other layers");
}

std::vector<Scalar> scalars_of(const std::vector<std::variant<std::int64_t, std::string>>& labels) {
  std::vector<Scalar> out;
  for (const auto& label : labels) std::visit([&](const auto& v) { out.emplace_back(v); }, label);
  return out;
}

Flow named(Flow of, std::vector<Scalar> classes, Form form) {
  of.form = form;
  of.classes = std::make_shared<const std::vector<Scalar>>(std::move(classes));
  return of;
}

/// The label and the scores of a classifier.
Flows answers(const Flow& scores, const std::vector<Scalar>& classes, bool one_margin) {
  const auto form = one_margin ? Form::pair : Form::numbers;
  return {named(scores, classes, Form::labels), named(scores, classes, form)};
}

Result<After> link_of(const GraphNode& node, const std::string& post, std::int64_t outputs) {
  if (post == "NONE") return After::none;
  if (post == "SOFTMAX" && outputs > 1) return After::softmax;
  if (post == "LOGISTIC" && outputs == 1) return After::logistic;
  if (post == "LOGISTIC")
    return unread_node(node, "gives each of its classes a logistic of its own");
  return unread_node(node, "has post_transform " + shortened(post));
}

// --- Trees. ---

/// True where the leaves of a classifier are shares of classes, as those of random forests are.
bool are_shares(const FlowTrees& trees) {
  const auto is_share = [](const Node& n) { return n.left != -1 || n.value >= 0; };
  return std::all_of(trees.base.begin(), trees.base.end(), [](double b) { return b == 0; }) &&
         std::all_of(trees.trees.begin(), trees.trees.end(), [&](const Tree& t) {
           return std::all_of(t.nodes.begin(), t.nodes.end(), is_share);
         });
}

Result<Flows> read_trees(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  QUERN_CHECK(check_columns(node, inputs));
  QUERN_TRY(auto ensemble, read_ensemble(node, inputs[0].width, context.budget));
  auto out = inputs[0];
  out.form = Form::numbers;
  out.width = ensemble.outputs;
  QUERN_TRY(out.link, link_of(node, ensemble.post_transform, ensemble.outputs));
  const bool classifier = node.op == "TreeEnsembleClassifier";
  if (classifier && out.link == After::none &&
      (ensemble.outputs == 1 ? ensemble.is_probability : are_shares(ensemble.trees))) {
    out.link = After::probability;
  }
  const bool halved = classifier && ensemble.outputs == 2 && out.link == After::probability &&
                      keep_second_probability(ensemble.trees);
  if (halved) out.width = 1;
  out.trees = std::make_shared<const FlowTrees>(std::move(ensemble.trees));
  if (!classifier) return Flows{std::move(out)};
  return answers(out, ensemble.classes, ensemble.outputs == 1 || halved);
}

// --- Linear models. ---

Result<Flow> linear_flow(const GraphNode& node, const Flow& x, std::int64_t outputs,
                         OperatorContext& context) {
  QUERN_TRY(auto weights, attribute_or<Floats>(node, "coefficients", {}));
  QUERN_TRY(auto bias, attribute_or<Floats>(node, "intercepts", {}));
  if (outputs < 1 || outputs > static_cast<std::int64_t>(FlowBudget::kMostColumns))
    return bad_node(node, "has " + std::to_string(outputs) + " outputs");
  if (std::cmp_not_equal(weights.size(), outputs * x.width))
    return bad_node(node, "has " + std::to_string(weights.size()) + " coefficients for " +
                              std::to_string(x.width) + " columns and " + std::to_string(outputs) +
                              " outputs");
  if (bias.empty()) bias.resize(static_cast<std::size_t>(outputs));
  if (std::cmp_not_equal(bias.size(), outputs))
    return bad_node(node, "has " + std::to_string(bias.size()) + " intercepts for " +
                              std::to_string(outputs) + " outputs");
  if (!context.budget.take(weights.size())) return unread_node(node, "makes the graph too large");
  FlowLayer layer{ir::LinearLayer{static_cast<std::int32_t>(outputs), true},
                  {{"weight", std::move(weights)}, {"bias", std::move(bias)}}};
  return push_layer(x, std::move(layer), outputs);
}

/// Of two scores that are each other's opposite, the second.
bool keep_second_score(Flow& x) {
  const auto& last = *x.towers.front().back();
  const auto &weights = last.tensors[0].second, &bias = last.tensors[1].second;
  const auto half = weights.size() / 2;
  for (std::size_t i = 0; i < half; ++i)
    if (weights[i] != -weights[half + i]) return false;
  if (bias[0] != -bias[1]) return false;
  const auto middle = weights.begin() + static_cast<std::ptrdiff_t>(half);
  FlowLayer layer{ir::LinearLayer{1, true},
                  {{"weight", {middle, weights.end()}}, {"bias", {bias[1]}}}};
  x.towers.front().back() = std::make_shared<const FlowLayer>(std::move(layer));
  x.width = 1;
  return true;
}

Result<Flows> read_linear_classifier(const GraphNode& node, const Flows& inputs,
                                     OperatorContext& context) {
  QUERN_CHECK(check_columns(node, inputs));
  QUERN_TRY(const auto labels, class_labels(node));
  QUERN_TRY(const auto post, attribute_or<std::string>(node, "post_transform", "NONE"));
  QUERN_TRY(const auto intercepts, attribute_or<Floats>(node, "intercepts", {}));
  if (labels.size() < 2) return unread_node(node, "has fewer than two classes");
  const bool one = labels.size() == 2 && intercepts.size() == 1;
  const auto outputs = one ? 1 : static_cast<std::int64_t>(labels.size());
  QUERN_TRY(auto out, linear_flow(node, inputs[0], outputs, context));
  if (outputs == 2 && post != "SOFTMAX") keep_second_score(out);
  QUERN_TRY(out.link, link_of(node, post, out.width));
  const bool one_margin = out.width == 1;
  return answers(out, scalars_of(labels), one_margin);
}

Result<Flows> read_linear_regressor(const GraphNode& node, const Flows& inputs,
                                    OperatorContext& context) {
  QUERN_CHECK(check_columns(node, inputs));
  QUERN_TRY(const auto targets, attribute_or<std::int64_t>(node, "targets", 1));
  QUERN_TRY(const auto post, attribute_or<std::string>(node, "post_transform", "NONE"));
  QUERN_TRY(auto out, linear_flow(node, inputs[0], targets, context));
  QUERN_TRY(out.link, link_of(node, post, targets));
  return Flows{std::move(out)};
}

// --- In front of models. ---

Result<Flows> read_scaler(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty() || inputs[0].is(Form::constant)) return bad_node(node, "has no input");
  QUERN_TRY(const auto offsets, attribute_or<Floats>(node, "offset", Floats{0}));
  QUERN_TRY(const auto scales, attribute_or<Floats>(node, "scale", Floats{1}));
  if (offsets.empty() || scales.empty() ||
      (offsets.size() != scales.size() && offsets.size() != 1 && scales.size() != 1))
    return bad_node(node, "has offsets and scales of different numbers");
  std::vector<Affine> by;
  for (std::size_t i = 0; i < std::max(offsets.size(), scales.size()); ++i) {
    const double scale = scales[scales.size() == 1 ? 0 : i];
    by.push_back({offsets[offsets.size() == 1 ? 0 : i], 1 / scale});
  }
  return made_by(node, shift(inputs[0], by, context.budget));
}

/// Whole numbers: missing is the least of all, which scikit-learn's NaN becomes among them.
Result<Flows> read_whole_imputer(const GraphNode& node, const Flow& x,
                                 const std::vector<std::int64_t>& values,
                                 OperatorContext& context) {
  constexpr auto kMissing = std::numeric_limits<std::int64_t>::min();
  QUERN_TRY(const auto missing, attribute_or<std::int64_t>(node, "replaced_value_int64", 0));
  if (missing != kMissing || !x.whole) return unread_node(node, "replaces what is not missing");
  QUERN_TRY(auto out, made_by(node, impute(x, {values.begin(), values.end()}, context.budget)));
  out.front().whole = true;
  return out;
}

Result<Flows> read_imputer(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return bad_node(node, "has no input");
  QUERN_TRY(const auto* wholes, attribute<std::vector<std::int64_t>>(node, "imputed_value_int64s"));
  if (wholes != nullptr) return read_whole_imputer(node, inputs[0], *wholes, context);
  QUERN_TRY(const auto* values, attribute<Floats>(node, "imputed_value_floats"));
  QUERN_TRY(const auto missing, attribute_or<float>(node, "replaced_value_float", 0.0F));
  if (values == nullptr || values->empty()) return unread_node(node, "has no numbers to fill in");
  if (!std::isnan(missing)) return unread_node(node, "replaces what is not missing");
  if (std::any_of(values->begin(), values->end(), [](float v) { return !std::isfinite(v); }))
    return unread_node(node, "fills in what is no number");
  return made_by(node, impute(inputs[0], {values->begin(), values->end()}, context.budget));
}

/// 1 above the threshold, else 0, also of what is missing.
Result<Flows> read_binarizer(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return bad_node(node, "has no input");
  QUERN_TRY(const auto threshold, attribute_or<float>(node, "threshold", 0.0F));
  if (!std::isfinite(threshold)) return unread_node(node, "has a threshold that is not finite");
  return made_by(node, binarize(inputs[0], threshold, context.budget));
}

// --- Behind models. ---

/// Shares that sum to 1 stay what they are.
Result<Flows> read_normalizer(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  if (inputs.empty()) return bad_node(node, "has no input");
  QUERN_TRY(const auto norm, attribute_or<std::string>(node, "norm", "MAX"));
  const auto& x = inputs.front();
  const bool scores = x.is(Form::numbers) || x.is(Form::pair);
  const bool whole = x.is(Form::pair) ? x.link == After::logistic || x.link == After::probability
                                      : x.link == After::softmax || x.link == After::probability;
  if (scores && whole && norm == "L1") return Flows{x};
  return unread_node(node, "divides the numbers of a row by their " + shortened(norm) + " norm");
}

Result<Flows> read_zip_map(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  if (inputs.empty()) return bad_node(node, "has no input");
  const auto& x = inputs.front();
  if (!x.is(Form::numbers) && !x.is(Form::pair))
    return unread_node(node, "names what are no scores");
  QUERN_TRY(const auto labels, class_labels(node));
  return Flows{named(x, scalars_of(labels), x.form)};
}

/// Of places: what stands at each of them.
Result<Flows> read_label_encoder(const GraphNode& node, const Flows& inputs,
                                 OperatorContext& context) {
  using Longs = std::vector<std::int64_t>;
  if (inputs.empty()) return bad_node(node, "has no input");
  if (!inputs[0].is(Form::index)) return encode_labels(node, inputs[0], context);
  QUERN_TRY(const auto* keys, attribute<Longs>(node, "keys_int64s"));
  QUERN_TRY(const auto* texts, attribute<std::vector<std::string>>(node, "values_strings"));
  QUERN_TRY(const auto* wholes, attribute<Longs>(node, "values_int64s"));
  QUERN_TRY(const auto* numbers, attribute<Floats>(node, "values_floats"));
  std::vector<Scalar> classes;
  if (texts != nullptr) classes.assign(texts->begin(), texts->end());
  if (wholes != nullptr) classes.assign(wholes->begin(), wholes->end());
  if (numbers != nullptr)
    for (const float number : *numbers) classes.emplace_back(static_cast<double>(number));
  if (keys == nullptr || keys->size() != classes.size())
    return unread_node(node, "looks up what is no class");
  for (std::size_t i = 0; i < keys->size(); ++i)
    if (std::cmp_not_equal((*keys)[i], i)) return unread_node(node, "does not count its classes");
  return Flows{named(inputs[0], std::move(classes), Form::labels)};
}

}  // namespace

std::span<const NamedOperator> model_operators() {
  static const auto find_shape = [](std::string_view name) {
    for (const auto& one : shape_operators())
      if (name == one.name) return one.read;
    return Operator{nullptr};
  };
  static const NamedOperator kOperators[] = {
      {"TreeEnsembleClassifier", read_trees},
      {"TreeEnsembleRegressor", read_trees},
      {"LinearClassifier", read_linear_classifier},
      {"LinearRegressor", read_linear_regressor},
      {"Scaler", read_scaler},
      {"Imputer", read_imputer},
      {"Binarizer", read_binarizer},
      {"Normalizer", read_normalizer},
      {"ZipMap", read_zip_map},
      {"LabelEncoder", read_label_encoder},
      {"FeatureVectorizer", find_shape("FeatureVectorizer")},
      {"ArrayFeatureExtractor", find_shape("ArrayFeatureExtractor")},
  };
  return kOperators;
}

}  // namespace quern::codegen
