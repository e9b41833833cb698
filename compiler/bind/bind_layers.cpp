// One table of layers, and their sizes one behind the other.

#include "compiler/bind/bind_layers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/similar.h"
#include "compiler/bind/constants.h"

namespace quern::binding {
namespace {

using enum ir::Activation;

/// What the numbers of a layer are.
enum class Form : std::uint8_t { linear, function, dropout, batch_norm };

struct KnownLayer {
  std::string_view name;  ///< torch's
  Form form;
  ir::Activation activation = relu;
  std::string_view usage;
};

constexpr std::array kLayers{
    KnownLayer{"Linear", Form::linear, relu, "Linear(inputs, outputs[, bias])"},
    KnownLayer{"Dropout", Form::dropout, relu, "Dropout(share)"},
    KnownLayer{"BatchNorm1d", Form::batch_norm, relu, "BatchNorm1d(inputs)"},
    KnownLayer{"ReLU", Form::function, relu, "ReLU()"},
    KnownLayer{"ReLU6", Form::function, relu6, "ReLU6()"},
    KnownLayer{"LeakyReLU", Form::function, leaky_relu, "LeakyReLU()"},
    KnownLayer{"ELU", Form::function, elu, "ELU()"},
    KnownLayer{"SELU", Form::function, selu, "SELU()"},
    KnownLayer{"GELU", Form::function, gelu, "GELU()"},
    KnownLayer{"Sigmoid", Form::function, sigmoid, "Sigmoid()"},
    KnownLayer{"Tanh", Form::function, ir::Activation::tanh, "Tanh()"},
    KnownLayer{"Softplus", Form::function, softplus, "Softplus()"},
    KnownLayer{"Softsign", Form::function, softsign, "Softsign()"},
    KnownLayer{"SiLU", Form::function, swish, "SiLU()"}};

const KnownLayer* find_layer(std::string_view name) {
  constexpr std::string_view kPrefix = "nn.";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  for (const auto& layer : kLayers) {
    if (equal_ignoring_case(layer.name, name)) return &layer;
  }
  return nullptr;
}

Diagnostic wrong(std::string message, SourceSpan span, std::string hint = {}) {
  return {Code::attribute_range, std::move(message), span, std::move(hint)};
}

Diagnostic unknown(const std::string& name, SourceSpan span) {
  std::vector<std::string> names;
  std::string listed;
  for (const auto& layer : kLayers) {
    names.emplace_back(layer.name);
    listed += (listed.empty() ? "" : ", ") + names.back();
  }
  if (equal_ignoring_case(name, "Softmax") || equal_ignoring_case(name, "LogSoftmax"))
    listed = "leave it out: the last layer gives margins, and probabilities come of them";
  return wrong("unknown layer: " + name, span, suggest(name, names, listed));
}

/// The numbers of a call, or none of a bare name.
Result<std::vector<double>> numbers_of(const ast::Expr& item) {
  std::vector<double> out;
  const auto* call = std::get_if<ast::Call>(&item.node);
  if (call == nullptr) return out;
  for (const auto& argument : call->args) {
    QUERN_TRY(const auto constant, fold(argument));
    if (const auto* flag = std::get_if<bool>(&constant.node))
      out.push_back(*flag ? 1 : 0);
    else if (const auto* whole = std::get_if<std::int64_t>(&constant.node))
      out.push_back(static_cast<double>(*whole));
    else if (const auto* real = std::get_if<double>(&constant.node))
      out.push_back(*real);
    else
      return wrong("a layer takes numbers, found " + print(constant), argument.span);
  }
  return out;
}

bool is_size(double number) {
  constexpr double kWidest = 65536;
  return number >= 1 && number <= kWidest && number == std::floor(number);
}

bool fits(Form form, const std::vector<double>& numbers) {
  const auto n = numbers.size();
  switch (form) {
    case Form::linear:
      return (n == 2 || (n == 3 && (numbers[2] == 0 || numbers[2] == 1))) && is_size(numbers[0]) &&
             is_size(numbers[1]);
    case Form::dropout: return n == 1 && numbers[0] >= 0 && numbers[0] < 1;
    case Form::batch_norm: return n == 1 && is_size(numbers[0]);
    case Form::function: return n == 0;
  }
  return false;
}

std::string text_of(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

double number_of(const std::string& text) {
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// What comes out of the layers so far; 0 where none has said.
class Sizes {
 public:
  Result<void> add(const KnownLayer& layer, const std::vector<double>& numbers, SourceSpan span) {
    const bool reads = layer.form == Form::linear || layer.form == Form::batch_norm;
    if (!reads) return {};
    if (width_ != 0 && numbers[0] != width_) {
      return wrong(std::string(layer.name) + " reads " + text_of(numbers[0]) +
                       " numbers, the layer before gives " + text_of(width_),
                   span);
    }
    width_ = layer.form == Form::linear ? numbers[1] : numbers[0];
    return {};
  }

 private:
  double width_ = 0;
};

Result<std::vector<std::string>> read_layer(const ast::Expr& item, Sizes& sizes) {
  const auto* call = std::get_if<ast::Call>(&item.node);
  const auto* bare = std::get_if<ast::Name>(&item.node);
  if (call == nullptr && bare == nullptr)
    return wrong("model.layers takes layers such as Linear(20, 64) or ReLU()", item.span);
  const auto name = call != nullptr ? call->function.text() : bare->text();
  const auto* layer = find_layer(name);
  if (layer == nullptr) return unknown(name, item.span);
  QUERN_TRY(const auto numbers, numbers_of(item));
  if (!fits(layer->form, numbers))
    return wrong("the numbers of " + std::string(layer->name) + " do not fit", item.span,
                 "it is written " + std::string(layer->usage));
  QUERN_CHECK(sizes.add(*layer, numbers, item.span));
  std::vector<std::string> out{std::string(layer->name)};
  for (const double number : numbers) out.push_back(text_of(number));
  return out;
}

ir::Layer layer_of(const std::vector<std::string>& words) {
  const auto& known = *find_layer(words[0]);
  switch (known.form) {
    case Form::linear:
      return ir::LinearLayer{static_cast<std::int32_t>(number_of(words[2])),
                             words.size() < 4 || words[3] == "1"};
    case Form::dropout: return ir::DropoutLayer{static_cast<float>(number_of(words[1]))};
    case Form::batch_norm: return ir::BatchNormLayer{};
    case Form::function: break;
  }
  return ir::ActivationLayer{known.activation};
}

}  // namespace

Result<ir::AttributeValue> to_layers(const ir::AttributeSpec& spec, const ast::Expr& expr) {
  const auto* list = std::get_if<ast::List>(&expr.node);
  if (list == nullptr || list->items.empty()) {
    return Diagnostic{Code::attribute_type, "attribute " + spec.name + " takes a list of layers",
                      expr.span, "[Linear(20, 64), ReLU(), Linear(64, 1)]"};
  }
  ir::NameGroups out;
  Sizes sizes;
  for (const auto& item : list->items) {
    QUERN_TRY(auto layer, read_layer(item, sizes));
    out.push_back(std::move(layer));
  }
  if (find_layer(out.back()[0])->form != Form::linear) {
    return wrong("the last layer is no Linear: its outputs are the margins",
                 list->items.back().span,
                 "end with Linear(inputs, 1), or with an output for each of several classes");
  }
  return ir::AttributeValue(std::move(out));
}

std::vector<ir::Layer> layers_of(const ir::NameGroups& value) {
  std::vector<ir::Layer> out;
  for (const auto& words : value) out.push_back(layer_of(words));
  return out;
}

std::int32_t inputs_of(const ir::NameGroups& value) {
  for (const auto& words : value) {
    const auto form = find_layer(words[0])->form;
    if (form == Form::linear || form == Form::batch_norm)
      return static_cast<std::int32_t>(number_of(words[1]));
  }
  return 0;
}

}  // namespace quern::binding
