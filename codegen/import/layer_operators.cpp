// Arithmetic, layers, and what stands behind the last of them.

#include <algorithm>
#include <cmath>
#include <limits>

#include "codegen/import/node_attributes.h"
#include "codegen/import/operators.h"

namespace quern::codegen {
namespace {

using Flows = std::vector<Flow>;
using Form = Flow::Form;
using After = Flow::After;

Result<void> check_count(const GraphNode& node, const Flows& inputs, std::size_t least) {
  if (inputs.size() >= least) return {};
  return bad_node(node, "has too few inputs");
}

bool is_constant(const Flow& flow) { return flow.is(Form::constant); }

// --- Arithmetic with a constant. ---

/// A constant that stands for all rows: one number, or one a column.
Result<std::vector<double>> term_of(const GraphNode& node, const Flow& flow,
                                    OperatorContext& context) {
  const auto numbers = numbers_of(flow);
  if (!numbers) return unread_node(node, "has a constant that is no number");
  const auto& shape = flow.constant->shape;
  if (numbers->empty() || (!shape.empty() && std::cmp_not_equal(shape.back(), numbers->size())))
    return unread_node(node, "has a constant that differs by row");
  if (!context.budget.take(numbers->size())) return unread_node(node, "makes the graph too large");
  return *numbers;
}

template <typename MakeAffine>
Result<Flows> shifted(const GraphNode& node, const Flow& x, const Flow& constant,
                      OperatorContext& context, const MakeAffine& make) {
  QUERN_TRY(const auto terms, term_of(node, constant, context));
  std::vector<Affine> by;
  for (const auto term : terms) by.push_back(make(term));
  return made_by(node, shift(x, by, context.budget));
}

Result<Flows> read_add(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  QUERN_CHECK(check_count(node, inputs, 1));
  auto out = inputs.front();
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (!is_constant(out) && !is_constant(inputs[i])) {
      QUERN_TRY(auto sum, made_by(node, add(out, inputs[i], context.budget)));
      out = std::move(sum.front());
      continue;
    }
    const auto& x = is_constant(out) ? inputs[i] : out;
    const auto& term = is_constant(out) ? out : inputs[i];
    if (is_constant(x)) return unread_node(node, "adds up constants");
    QUERN_TRY(auto sum, shifted(node, x, term, context, [](double c) { return Affine{-c, 1}; }));
    out = std::move(sum.front());
  }
  return Flows{std::move(out)};
}

/// One probability, of which another is what is missing to 1.
bool is_probability(const Flow& x) {
  return x.is(Form::numbers) && x.width == 1 &&
         (x.link == After::logistic || x.link == After::probability);
}

Result<Flows> read_sub(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  QUERN_CHECK(check_count(node, inputs, 2));
  const auto &a = inputs[0], &b = inputs[1];
  if (is_constant(b) && !is_constant(a))
    return shifted(node, a, b, context, [](double c) { return Affine{c, 1}; });
  if (!is_constant(a) || is_constant(b)) return unread_node(node, "subtracts a value from another");
  if (is_probability(b) && numbers_of(a) == std::vector<double>{1}) {
    auto out = b;
    out.form = Form::complement;
    out.of = b.id;
    return Flows{std::move(out)};
  }
  return shifted(node, b, a, context, [](double c) { return Affine{c, -1}; });
}

Result<Flows> read_mul(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  QUERN_CHECK(check_count(node, inputs, 2));
  const auto &a = inputs[0], &b = inputs[1];
  if (is_constant(a) != is_constant(b)) {
    const auto& x = is_constant(a) ? b : a;
    return shifted(node, x, is_constant(a) ? a : b, context, [](double c) {
      return Affine{0, 1 / c};
    });
  }
  const auto is_swish = [](const Flow& x, const Flow& sigmoid) {
    return sigmoid.is(Form::numbers) && sigmoid.link == After::logistic && sigmoid.of == x.id &&
           x.is_open() && !x.trees;
  };
  if (!is_constant(a) && is_swish(a, b)) return made_by(node, activate(a, ir::Activation::swish));
  if (!is_constant(a) && is_swish(b, a)) return made_by(node, activate(b, ir::Activation::swish));
  return unread_node(node, "multiplies a value by another");
}

Result<Flows> read_div(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  QUERN_CHECK(check_count(node, inputs, 2));
  if (is_constant(inputs[0]) || !is_constant(inputs[1]))
    return unread_node(node, "divides by what is no constant");
  return shifted(node, inputs[0], inputs[1], context, [](double c) { return Affine{0, c}; });
}

// --- Layers. ---

/// Weights as a linear layer has them, [outputs, inputs].
struct LinearParts {
  std::vector<float> weight;
  std::vector<float> bias;  ///< empty: none
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
};

Result<LinearParts> linear_parts(const GraphNode& node, const Flow& flow, bool outputs_first,
                                 double factor, OperatorContext& context) {
  const auto values = numbers_of(flow);
  if (!values || flow.constant->shape.empty() || flow.constant->shape.size() > 2)
    return unread_node(node, "multiplies by what is no constant of one or two dimensions");
  if (!context.budget.take(values->size())) return unread_node(node, "makes the graph too large");
  auto shape = flow.constant->shape;
  if (shape.size() == 1) shape.push_back(1);  // each row times a vector is a number
  LinearParts out{.weight = std::vector<float>(values->size()),
                  .bias = {},
                  .inputs = shape[outputs_first ? 1 : 0],
                  .outputs = shape[outputs_first ? 0 : 1]};
  const auto inputs = static_cast<std::size_t>(out.inputs);
  const auto outputs = static_cast<std::size_t>(out.outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      const auto value = (*values)[outputs_first ? o * inputs + i : i * outputs + o];
      out.weight[o * inputs + i] = static_cast<float>(value * factor);
    }
  }
  return out;
}

Result<Flows> push_linear(const GraphNode& node, const Flow& x, LinearParts parts) {
  if (!x.is_open()) return unread_node(node, "stands behind what only ends a model");
  if (x.width != parts.inputs || parts.outputs < 1)
    return unread_node(node, "multiplies " + std::to_string(x.width) + " columns by a matrix of " +
                                 std::to_string(parts.inputs) + " rows");
  FlowLayer layer{ir::LinearLayer{static_cast<std::int32_t>(parts.outputs), !parts.bias.empty()},
                  {{"weight", std::move(parts.weight)}}};
  if (!parts.bias.empty()) layer.tensors.emplace_back("bias", std::move(parts.bias));
  return made_by(node, push_layer(x, std::move(layer), parts.outputs));
}

Result<Flows> read_matmul(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  QUERN_CHECK(check_count(node, inputs, 2));
  if (is_constant(inputs[0])) return unread_node(node, "multiplies a constant from the left");
  QUERN_TRY(auto parts, linear_parts(node, inputs[1], false, 1, context));
  return push_linear(node, inputs[0], std::move(parts));
}

Result<Flows> read_gemm(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  QUERN_CHECK(check_count(node, inputs, 2));
  QUERN_TRY(const auto turned, attribute_or<std::int64_t>(node, "transA", 0));
  QUERN_TRY(const auto outputs_first, attribute_or<std::int64_t>(node, "transB", 0));
  QUERN_TRY(const auto alpha, attribute_or<float>(node, "alpha", 1.0F));
  QUERN_TRY(const auto beta, attribute_or<float>(node, "beta", 1.0F));
  if (turned != 0 || is_constant(inputs[0]))
    return unread_node(node, "multiplies a constant from the left");
  QUERN_TRY(auto parts, linear_parts(node, inputs[1], outputs_first != 0, alpha, context));
  if (inputs.size() > 2 && inputs[2].constant != nullptr) {
    QUERN_TRY(const auto terms, term_of(node, inputs[2], context));
    if (terms.size() != 1 && std::cmp_not_equal(terms.size(), parts.outputs))
      return unread_node(node, "has a term of another width");
    for (std::int64_t o = 0; o < parts.outputs; ++o) {
      const auto term = terms.size() == 1 ? terms.front() : terms[static_cast<std::size_t>(o)];
      parts.bias.push_back(static_cast<float>(term * beta));
    }
  }
  return push_linear(node, inputs[0], std::move(parts));
}

Result<Flows> read_batch_norm(const GraphNode& node, const Flows& inputs,
                              OperatorContext& context) {
  QUERN_CHECK(check_count(node, inputs, 5));
  QUERN_TRY(const auto epsilon, attribute_or<float>(node, "epsilon", 1e-5F));
  QUERN_TRY(const auto training, attribute_or<std::int64_t>(node, "training_mode", 0));
  if (training != 0) return unread_node(node, "is one of training");
  FlowLayer layer{ir::BatchNormLayer{.momentum = 0.1F, .epsilon = epsilon}};
  const char* names[] = {"weight", "bias", "running_mean", "running_var"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    QUERN_TRY(const auto values, term_of(node, inputs[i + 1], context));
    if (std::cmp_not_equal(values.size(), inputs[0].width))
      return unread_node(node, "has another width than what it is applied to");
    layer.tensors.emplace_back(names[i], std::vector<float>(values.begin(), values.end()));
  }
  if (is_constant(inputs[0])) return unread_node(node, "is applied to a constant");
  return made_by(node, push_layer(inputs[0], std::move(layer), inputs[0].width));
}

/// Its own default, and torch's where the operator has another.
struct ActivationName {
  const char* op;
  ir::Activation activation;
  const char* attribute;  ///< that the layer fixes; null: none
  float fixed;
  float otherwise;  ///< where the node does not say it
};
constexpr ActivationName kActivations[] = {
    {"Relu", ir::Activation::relu, nullptr, 0, 0},
    {"Tanh", ir::Activation::tanh, nullptr, 0, 0},
    {"Softplus", ir::Activation::softplus, nullptr, 0, 0},
    {"Softsign", ir::Activation::softsign, nullptr, 0, 0},
    {"LeakyRelu", ir::Activation::leaky_relu, "alpha", 0.01F, 0.01F},
    {"Elu", ir::Activation::elu, "alpha", 1, 1},
    {"Selu", ir::Activation::selu, "alpha", 1.67326319F, 1.67326319F},
    {"Gelu", ir::Activation::gelu, nullptr, 0, 0},
};

Result<Flows> read_activation(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  QUERN_CHECK(check_count(node, inputs, 1));
  if (is_constant(inputs[0])) return unread_node(node, "is applied to a constant");
  for (const auto& known : kActivations) {
    if (node.op != known.op) continue;
    if (known.attribute != nullptr) {
      QUERN_TRY(const auto value, attribute_or<float>(node, known.attribute, known.otherwise));
      if (std::abs(value - known.fixed) > 1e-5F)
        return unread_node(node, std::string("has ") + known.attribute + " " +
                                     std::to_string(value) + ", read is " +
                                     std::to_string(known.fixed));
    }
    QUERN_TRY(const auto how, attribute_or<std::string>(node, "approximate", "none"));
    if (how != "none") return unread_node(node, "is approximated by " + shortened(how));
    return made_by(node, activate(inputs[0], known.activation));
  }
  return unread_node(node, "is none that is read");
}

/// Between 0 and 6. The bounds are attributes before opset 11, inputs from then on.
Result<Flows> read_clip(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  QUERN_CHECK(check_count(node, inputs, 1));
  constexpr float kNone = std::numeric_limits<float>::infinity();
  QUERN_TRY(const float low_attribute, attribute_or<float>(node, "min", -kNone));
  QUERN_TRY(const float high_attribute, attribute_or<float>(node, "max", kNone));
  double bounds[] = {low_attribute, high_attribute};
  for (std::size_t i = 0; i < 2 && i + 1 < inputs.size(); ++i) {
    if (is_constant(inputs[i + 1]) && inputs[i + 1].constant == nullptr) continue;
    const auto values = numbers_of(inputs[i + 1]);
    if (!values || values->size() != 1)
      return unread_node(node, "has bounds that are no constants");
    bounds[i] = values->front();
  }
  if (is_constant(inputs[0])) return unread_node(node, "is applied to a constant");
  const bool high = bounds[1] < std::numeric_limits<float>::max();
  if (bounds[0] != 0 || (high && bounds[1] != 6))
    return unread_node(node, "has other bounds than 0, or 0 and 6");
  return made_by(node, activate(inputs[0], high ? ir::Activation::relu6 : ir::Activation::relu));
}

// --- Links. ---

Result<Flow> linked(const Flow& x, After link) {
  const auto no = [](const char* why) { return Diagnostic{Code::not_in_this_version, why}; };
  if (x.is(Form::numbers) && x.link == After::none && !x.classes) {
    auto out = x;
    out.link = link;
    out.of = x.id;
    return out;
  }
  if (!x.is_open() || x.trees) return no("stands behind what only ends a model");
  if (link != After::logistic) return no("stands behind no layer");
  return activate(x, ir::Activation::sigmoid);
}

Result<Flows> read_sigmoid(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  QUERN_CHECK(check_count(node, inputs, 1));
  return made_by(node, linked(inputs[0], After::logistic));
}

Result<Flows> read_softmax(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  QUERN_CHECK(check_count(node, inputs, 1));
  QUERN_TRY(const auto axis, attribute_or<std::int64_t>(node, "axis", -1));
  if (axis != 1 && axis != -1) return unread_node(node, "is taken over rows");
  return made_by(node, linked(inputs[0], After::softmax));
}

Result<Flows> read_exp(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  QUERN_CHECK(check_count(node, inputs, 1));
  return made_by(node, linked(inputs[0], After::exponential));
}

Result<Flows> read_arg_max(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  QUERN_CHECK(check_count(node, inputs, 1));
  QUERN_TRY(const auto axis, attribute_or<std::int64_t>(node, "axis", 0));
  QUERN_TRY(const auto last, attribute_or<std::int64_t>(node, "select_last_index", 0));
  if ((axis != 1 && axis != -1) || last != 0)
    return unread_node(node, "does not take the first of the largest of a row");
  auto out = inputs[0];
  if (!out.is(Form::numbers) && !out.is(Form::pair))
    return unread_node(node, "is taken of what are no scores");
  out.form = Form::index;
  return Flows{std::move(out)};
}

}  // namespace

std::span<const NamedOperator> layer_operators() {
  static constexpr NamedOperator kOperators[] = {
      {"Add", read_add},
      {"Sum", read_add},
      {"Sub", read_sub},
      {"Mul", read_mul},
      {"Div", read_div},
      {"MatMul", read_matmul},
      {"Gemm", read_gemm},
      {"BatchNormalization", read_batch_norm},
      {"Relu", read_activation},
      {"Tanh", read_activation},
      {"Softplus", read_activation},
      {"Softsign", read_activation},
      {"LeakyRelu", read_activation},
      {"Elu", read_activation},
      {"Selu", read_activation},
      {"Gelu", read_activation},
      {"Clip", read_clip},
      {"Sigmoid", read_sigmoid},
      {"Softmax", read_softmax},
      {"LogSoftmax", read_softmax},
      {"Exp", read_exp},
      {"ArgMax", read_arg_max},
  };
  return kOperators;
}

}  // namespace quern::codegen
