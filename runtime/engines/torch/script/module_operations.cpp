// The operations of TorchScript that layers can stand for. Rules: ATen's native_functions of 1.13.

#define AT_PER_OPERATOR_HEADERS

#include <ATen/core/Tensor.h>

#include <array>
#include <cmath>
#include <map>

#include "runtime/engines/torch/script/module_values.h"

namespace quern::runtime::training {
namespace {

using Outcome = Result<ModuleValue>;
using c10::IValue;

Diagnostic no(std::string why) { return {Code::not_in_this_version, std::move(why)}; }

Outcome wrap(Result<ModuleFlow> flow) {
  if (!flow) return std::move(flow).errors();
  return ModuleValue(*std::move(flow));
}

const ModuleFlow* flow_of(const Arguments& arguments, std::size_t i) {
  return i < arguments.size() ? std::get_if<ModuleFlow>(&arguments[i]) : nullptr;
}

const IValue* constant_of(const Arguments& arguments, std::size_t i) {
  return i < arguments.size() ? std::get_if<IValue>(&arguments[i]) : nullptr;
}

/// True where the first argument comes of the rows and all others do not.
bool is_plain(const Arguments& arguments) {
  if (flow_of(arguments, 0) == nullptr) return false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (constant_of(arguments, i) == nullptr) return false;
  }
  return true;
}

Diagnostic odd() { return no("is used in a way that layers have no counterpart of"); }

/// A number, or nullopt: "no value" is no number either.
std::optional<double> number_at(const Arguments& arguments, std::size_t i) {
  const auto* value = constant_of(arguments, i);
  if (value == nullptr) return std::nullopt;
  if (value->isScalar()) return value->toScalar().toDouble();
  const bool single = value->isTensor() && value->toTensor().numel() == 1;
  return single ? std::optional(value->toTensor().item().toDouble()) : std::nullopt;
}

std::optional<std::int64_t> whole_at(const Arguments& arguments, std::size_t i) {
  const auto* value = constant_of(arguments, i);
  return value != nullptr && value->isInt() ? std::optional(value->toInt()) : std::nullopt;
}

bool is_number(const Arguments& arguments, std::size_t i, double wanted) {
  const auto number = number_at(arguments, i);
  // Some are written in single, some in double precision.
  return number && std::abs(*number - wanted) <= 1e-6 * std::abs(wanted);
}

bool is_nothing(const Arguments& arguments, std::size_t i) {
  if (i >= arguments.size()) return true;
  const auto* value = constant_of(arguments, i);
  return value != nullptr && value->isNone();
}

const at::Tensor* tensor_at(const Arguments& arguments, std::size_t i) {
  const auto* value = constant_of(arguments, i);
  return value != nullptr && value->isTensor() ? &value->toTensor() : nullptr;
}

std::vector<float> floats_of(const at::Tensor& tensor) {
  const auto whole = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto* begin = whole.data_ptr<float>();
  return {begin, begin + whole.numel()};
}

FlowMatrix matrix_of(const at::Tensor& tensor) {
  return {tensor.size(0), tensor.size(1), floats_of(tensor)};
}

Outcome linear(const Arguments& a) {
  const auto* weight = tensor_at(a, 1);
  if (flow_of(a, 0) == nullptr || weight == nullptr || weight->dim() != 2) return odd();
  const auto* bias = tensor_at(a, 2);
  if (bias == nullptr && !is_nothing(a, 2)) return odd();
  return wrap(push_linear(*flow_of(a, 0), matrix_of(*weight),
                          bias == nullptr ? std::vector<float>() : floats_of(*bias)));
}

/// bias + x w, both times 1.
Outcome addmm(const Arguments& a) {
  const auto* bias = tensor_at(a, 0);
  const auto* weight = tensor_at(a, 2);
  const bool fits = flow_of(a, 1) != nullptr && bias != nullptr && weight != nullptr &&
                    bias->dim() == 1 && weight->dim() == 2 && is_number(a, 3, 1) &&
                    is_number(a, 4, 1);
  if (!fits) return odd();
  return wrap(push_linear(*flow_of(a, 1), matrix_of(weight->t()), floats_of(*bias)));
}

Outcome matmul(const Arguments& a) {
  const auto* weight = tensor_at(a, 1);
  if (flow_of(a, 0) == nullptr || weight == nullptr) return odd();
  if (weight->dim() == 2) return wrap(push_linear(*flow_of(a, 0), matrix_of(weight->t()), {}));
  if (weight->dim() != 1) return odd();
  QUERN_TRY(const auto row, push_linear(*flow_of(a, 0), matrix_of(weight->unsqueeze(0)), {}));
  return wrap(as_flat(row, true));
}

/// Numbers that are the same for all rows: one, or one for each of a row's.
std::optional<std::vector<double>> numbers_at(const Arguments& a, std::size_t i) {
  if (const auto one = number_at(a, i)) return std::vector<double>{*one};
  const auto* tensor = tensor_at(a, i);
  const bool row = tensor != nullptr && tensor->numel() > 1 &&
                   (tensor->dim() == 1 || (tensor->dim() == 2 && tensor->size(0) == 1));
  if (!row) return std::nullopt;
  const auto whole = tensor->detach().to(at::kCPU, at::kDouble).contiguous();
  const auto* begin = whole.data_ptr<double>();
  return std::vector<double>(begin, begin + whole.numel());
}

template <typename Change>
std::vector<double> changed(std::vector<double> numbers, Change change) {
  for (auto& number : numbers) number = change(number);
  return numbers;
}

/// x * x_factor + numbers * factor.
Outcome add_scaled(const ModuleFlow& x, double x_factor, const Arguments& a, std::size_t i,
                   double factor) {
  const auto numbers = numbers_at(a, i);
  if (!numbers) return odd();
  return wrap(push_scale(x, {x_factor}, changed(*numbers, [&](double n) { return n * factor; })));
}

/// The factor of the second argument; 1 where none is given.
std::optional<double> alpha_of(const Arguments& a) {
  return a.size() < 3 ? std::optional(1.0) : number_at(a, 2);
}

Outcome add(const Arguments& a) {
  const auto alpha = alpha_of(a);
  if (!alpha) return odd();
  const auto* x = flow_of(a, 0);
  const auto* y = flow_of(a, 1);
  if (x != nullptr && y != nullptr) return *alpha == 1 ? wrap(push_sum(*x, *y)) : odd();
  if (x != nullptr) return add_scaled(*x, 1, a, 1, *alpha);
  return y != nullptr ? add_scaled(*y, *alpha, a, 0, 1) : odd();
}

Outcome sub(const Arguments& a) {
  const auto alpha = alpha_of(a);
  if (!alpha) return odd();
  if (flow_of(a, 0) != nullptr) return add_scaled(*flow_of(a, 0), 1, a, 1, -*alpha);
  return flow_of(a, 1) != nullptr ? add_scaled(*flow_of(a, 1), -*alpha, a, 0, 1) : odd();
}

/// The second argument minus alpha times the first.
Outcome rsub(const Arguments& a) {
  const auto alpha = alpha_of(a);
  if (!alpha || flow_of(a, 0) == nullptr) return odd();
  return add_scaled(*flow_of(a, 0), -*alpha, a, 1, 1);
}

Outcome mul(const Arguments& a) {
  const std::size_t x = flow_of(a, 0) != nullptr ? 0 : 1;
  const auto numbers = numbers_at(a, 1 - x);
  if (flow_of(a, x) == nullptr || !numbers) return odd();
  return wrap(push_scale(*flow_of(a, x), *numbers, {0}));
}

Outcome div(const Arguments& a) {
  const auto numbers = numbers_at(a, 1);
  if (flow_of(a, 0) == nullptr || !numbers || a.size() != 2) return odd();
  return wrap(push_scale(*flow_of(a, 0), changed(*numbers, [](double n) { return 1 / n; }), {0}));
}

Outcome neg(const Arguments& a) { return wrap(push_scale(*flow_of(a, 0), {-1}, {0})); }

template <ir::Activation activation>
Outcome activate(const Arguments& a) {
  if (!is_plain(a)) return odd();
  return wrap(push_activation(*flow_of(a, 0), activation));
}

/// An activation whose numbers must be those that ours has.
template <ir::Activation activation>
Outcome activate_with(const Arguments& a, std::initializer_list<double> wanted) {
  std::size_t i = 1;
  for (const double number : wanted) {
    if (i < a.size() && !is_number(a, i, number))
      return no("has other numbers than " + std::string(ir::activation_name(activation)) +
                " has here");
    ++i;
  }
  return activate<activation>(a);
}

Outcome leaky_relu(const Arguments& a) {
  return activate_with<ir::Activation::leaky_relu>(a, {0.01});
}
Outcome elu(const Arguments& a) { return activate_with<ir::Activation::elu>(a, {1, 1, 1}); }
Outcome softplus(const Arguments& a) { return activate_with<ir::Activation::softplus>(a, {1, 20}); }

/// ReLU6, by another name.
Outcome hardtanh(const Arguments& a) {
  const bool six = a.size() == 3 && number_at(a, 1) == 0.0 && is_number(a, 2, 6);
  return six ? activate<ir::Activation::relu6>(a) : no("has other limits than 0 and 6");
}

Outcome clamp_min(const Arguments& a) {
  return number_at(a, 1) == 0.0 ? activate<ir::Activation::relu>(a) : no("has a limit but 0");
}

Outcome gelu(const Arguments& a) {
  const auto* how = constant_of(a, 1);
  if (how != nullptr && how->isString() && how->toStringRef() != "none")
    return no("is approximated, here it is by erf");
  return activate<ir::Activation::gelu>(a);
}

Outcome dropout(const Arguments& a) {
  const auto rate = number_at(a, 1);
  return is_plain(a) && rate ? wrap(push_dropout(*flow_of(a, 0), *rate)) : odd();
}

/// Of weight and bias none may be given: 1 and 0.
Outcome batch_norm(const Arguments& a) {
  const auto* mean = tensor_at(a, 3);
  const auto* variance = tensor_at(a, 4);
  if (!is_plain(a) || a.size() < 8) return odd();
  if (mean == nullptr || variance == nullptr) return no("keeps no mean and variance");
  const auto momentum = number_at(a, 6);
  const auto epsilon = number_at(a, 7);
  if (!momentum || !epsilon) return odd();
  const auto n = mean->numel();
  std::vector<ir::Tensor> tensors;
  const auto take = [&](const char* name, const at::Tensor* tensor, float otherwise) {
    const auto size = static_cast<std::size_t>(n);
    tensors.push_back(
        {name, {n}, tensor == nullptr ? std::vector<float>(size, otherwise) : floats_of(*tensor)});
    return tensors.back().values.size() == size;
  };
  const bool sizes = take("weight", tensor_at(a, 1), 1) && take("bias", tensor_at(a, 2), 0) &&
                     take("running_mean", mean, 0) && take("running_var", variance, 1);
  if (!sizes) return no("has tensors of different sizes");
  const ir::BatchNormLayer layer{static_cast<float>(*momentum), static_cast<float>(*epsilon)};
  return wrap(push_batch_norm(*flow_of(a, 0), layer, std::move(tensors)));
}

Outcome softmax(const Arguments& a) {
  const auto dim = whole_at(a, 1);
  if (flow_of(a, 0) == nullptr || (dim != 1 && dim != -1))
    return no("is not over the numbers of a row");
  return wrap(push_softmax(*flow_of(a, 0)));
}

// --- Shapes. ---

Outcome same(const Arguments& a) { return flow_of(a, 0) != nullptr ? Outcome(a.front()) : odd(); }

Outcome convert(const Arguments& a) {
  for (std::size_t i = 1; i < a.size(); ++i) {
    const auto* value = constant_of(a, i);
    if (value == nullptr) return odd();
    if (!value->isInt() || value->toInt() < 0) continue;
    const auto type = static_cast<at::ScalarType>(value->toInt());
    if (i == 1 && type != at::kFloat && type != at::kDouble)
      return no("makes other than floats of the rows");
  }
  return same(a);
}

/// Of a value of the rows, counted from the front.
std::optional<std::int64_t> dimension_at(const Arguments& a, std::size_t i) {
  const auto dim = whole_at(a, i);
  if (!dim || flow_of(a, 0) == nullptr) return std::nullopt;
  const std::int64_t dims = flow_of(a, 0)->flat ? 1 : 2;
  const auto counted = *dim < 0 ? *dim + dims : *dim;
  return counted >= 0 && counted < dims ? std::optional(counted) : std::nullopt;
}

Outcome squeeze(const Arguments& a) {
  if (flow_of(a, 0) == nullptr) return odd();
  const auto& x = *flow_of(a, 0);
  const auto dim = dimension_at(a, 1);
  if (a.size() > 1 && !dim) return odd();
  // Where there are rows enough, only a width of 1 goes away.
  const bool flattens = !x.flat && x.width == 1 && dim.value_or(1) == 1;
  return flattens ? wrap(as_flat(x, true)) : same(a);
}

Outcome unsqueeze(const Arguments& a) {
  const auto* x = flow_of(a, 0);
  const auto dim = whole_at(a, 1);
  if (x == nullptr || !x->flat || (dim != 1 && dim != -1)) return odd();
  return wrap(as_flat(*x, false));
}

Outcome select(const Arguments& a) {
  const auto* x = flow_of(a, 0);
  const auto place = whole_at(a, 2);
  const bool whole = x != nullptr && !x->flat && x->width == 1 && dimension_at(a, 1) == 1 &&
                     (place == 0 || place == -1);
  return whole ? wrap(as_flat(*x, true)) : no("takes single numbers out of a row");
}

Outcome flatten(const Arguments& a) {
  const auto begin = dimension_at(a, 1);
  const auto end = dimension_at(a, 2);
  if (!begin || !end) return odd();
  const auto& x = *flow_of(a, 0);
  return *begin == *end ? same(a) : wrap(as_flat(x, true));
}

/// The sizes that a view asks for; -1 is what is left over.
std::optional<FlowShape> shape_at(const Arguments& a, std::size_t i) {
  if (i >= a.size()) return std::nullopt;
  if (const auto* shape = std::get_if<FlowShape>(&a[i])) return *shape;
  const auto* value = constant_of(a, i);
  if (value == nullptr || !value->isIntList()) return std::nullopt;
  const auto sizes = value->toIntVector();
  return FlowShape(sizes.begin(), sizes.end());
}

bool is_rows(const FlowSize& size) {
  return std::holds_alternative<RowCount>(size) || std::get<std::int64_t>(size) == -1;
}

Outcome reshape(const Arguments& a) {
  const auto* x = flow_of(a, 0);
  const auto shape = shape_at(a, 1);
  if (x == nullptr || !shape || shape->empty() || shape->size() > 2 || !is_rows(shape->front()))
    return odd();
  if (shape->size() == 1) return wrap(as_flat(*x, true));
  const auto* width = std::get_if<std::int64_t>(&shape->back());
  if (width == nullptr) return odd();
  if (*width == -1 && std::holds_alternative<RowCount>(shape->front()))
    return wrap(as_flat(*x, false));
  QUERN_TRY(const auto sized, with_width(*x, *width));
  return wrap(as_flat(sized, false));
}

Outcome dim(const Arguments& a) {
  if (flow_of(a, 0) == nullptr) return odd();
  return ModuleValue(IValue(std::int64_t{flow_of(a, 0)->flat ? 1 : 2}));
}

Outcome size(const Arguments& a) {
  const auto* x = flow_of(a, 0);
  if (x == nullptr) return odd();
  const auto dim = dimension_at(a, 1);
  if (dim == 0) return ModuleValue(RowCount{});
  if (x->width == 0) return no("asks how many numbers a row has before a layer tells");
  if (dim == 1) return ModuleValue(IValue(x->width));
  if (a.size() > 1) return odd();
  FlowShape shape{RowCount{}};
  if (!x->flat) shape.emplace_back(x->width);
  return ModuleValue(std::move(shape));
}

Outcome item(const Arguments& a) {
  const auto* shape = std::get_if<FlowShape>(a.data());
  auto place = whole_at(a, 1);
  if (shape == nullptr || !place) return odd();
  if (*place < 0) *place += static_cast<std::int64_t>(shape->size());
  if (*place < 0 || std::cmp_greater_equal(*place, shape->size())) return odd();
  const auto& found = (*shape)[static_cast<std::size_t>(*place)];
  if (const auto* number = std::get_if<std::int64_t>(&found)) return ModuleValue(IValue(*number));
  return ModuleValue(RowCount{});
}

Outcome length(const Arguments& a) {
  const auto* shape = std::get_if<FlowShape>(a.data());
  if (shape == nullptr) return odd();
  return ModuleValue(IValue(static_cast<std::int64_t>(shape->size())));
}

/// A count of rows stays one when it is made a tensor, and a number again.
Outcome same_count(const Arguments& a) {
  return std::holds_alternative<RowCount>(a.front()) ? Outcome(a.front()) : odd();
}

Outcome yes(const Arguments& /*a*/) { return ModuleValue(IValue(true)); }
Outcome type_of(const Arguments& /*a*/) {
  return ModuleValue(IValue(static_cast<std::int64_t>(at::kFloat)));
}

const std::map<std::string, ModuleOperation, std::less<>>& operations() {
  using A = ir::Activation;
  static const std::map<std::string, ModuleOperation, std::less<>> all = {
      {"aten::linear", linear},
      {"aten::addmm", addmm},
      {"aten::matmul", matmul},
      {"aten::mm", matmul},
      {"aten::mv", matmul},
      {"aten::add", add},
      {"aten::sub", sub},
      {"aten::rsub", rsub},
      {"aten::mul", mul},
      {"aten::div", div},
      {"aten::neg", neg},
      {"aten::relu", activate<A::relu>},
      {"aten::relu6", activate<A::relu6>},
      {"aten::selu", activate<A::selu>},
      {"aten::sigmoid", activate<A::sigmoid>},
      {"aten::tanh", activate<A::tanh>},
      {"aten::silu", activate<A::swish>},
      {"aten::leaky_relu", leaky_relu},
      {"aten::elu", elu},
      {"aten::softplus", softplus},
      {"aten::hardtanh", hardtanh},
      {"aten::clamp", hardtanh},
      {"aten::clamp_min", clamp_min},
      {"aten::gelu", gelu},
      {"aten::dropout", dropout},
      {"aten::batch_norm", batch_norm},
      {"aten::softmax", softmax},
      {"aten::log_softmax", softmax},
      {"prim::unchecked_cast", same},
      {"aten::contiguous", same},
      {"aten::clone", same},
      {"aten::alias", same},
      {"aten::to", convert},
      {"aten::squeeze", squeeze},
      {"aten::unsqueeze", unsqueeze},
      {"aten::select", select},
      {"aten::flatten", flatten},
      {"aten::view", reshape},
      {"aten::reshape", reshape},
      {"aten::dim", dim},
      {"aten::size", size},
      {"aten::__getitem__", item},
      {"aten::len", length},
      {"aten::Int", same_count},
      {"prim::NumToTensor", same_count},
      {"prim::dtype", type_of},
      {"aten::is_floating_point", yes},
  };
  return all;
}

}  // namespace

ModuleOperation find_operation(const std::string& name) {
  auto plain = name;
  if (plain.ends_with("_") && !plain.ends_with("__")) plain.pop_back();
  const auto found = operations().find(plain);
  return found == operations().end() ? nullptr : found->second;
}

}  // namespace quern::runtime::training
