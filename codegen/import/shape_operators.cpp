// What moves values about, and constants made of constants.

#include <algorithm>
#include <limits>
#include <numeric>

#include "codegen/import/node_attributes.h"
#include "codegen/import/operators.h"

namespace quern::codegen {
namespace {

using Flows = std::vector<Flow>;
using Form = Flow::Form;
using Longs = std::vector<std::int64_t>;

Diagnostic too_few(const GraphNode& node) { return bad_node(node, "has too few inputs"); }

bool is_named(const Flow& flow) { return flow.is(Form::index) || flow.is(Form::labels); }

bool is_held(const Flow& flow) { return flow.is(Form::constant) && flow.constant != nullptr; }

/// Axes of Squeeze and Unsqueeze: an attribute before opset 13, an input from then on.
Result<std::optional<Longs>> axes_of(const GraphNode& node, const Flows& inputs) {
  QUERN_TRY(const auto* axes, attribute<Longs>(node, "axes"));
  if (axes != nullptr) return std::optional(*axes);
  if (inputs.size() < 2) return std::optional<Longs>();
  auto held = wholes_of(inputs[1]);
  if (!held) return unread_node(node, "has axes that are no constants");
  return held;
}

Result<Flows> with_shape(const GraphNode& node, const Flow& x, Longs shape,
                         OperatorContext& context) {
  std::int64_t size = 1;
  for (const auto n : shape) {
    if (n < 0 || n > std::numeric_limits<std::int32_t>::max() || size > (std::int64_t{1} << 31))
      return unread_node(node, "gives a constant a shape that it cannot have");
    size *= n;
  }
  const auto held = std::visit([](const auto& v) { return v.size(); }, x.constant->values);
  if (std::cmp_not_equal(size, held))
    return unread_node(node, "gives a constant a shape that it cannot have");
  if (!context.budget.take(held)) return unread_node(node, "makes the graph too large");
  auto out = *x.constant;
  out.shape = std::move(shape);
  return Flows{context.keep(std::move(out))};
}

Result<Flows> read_identity(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  if (inputs.empty()) return too_few(node);
  if (node.op != "Dropout") return Flows{inputs.front()};
  if (inputs.size() > 2) {
    const auto training = wholes_of(inputs[2]);
    if (inputs[2].constant != nullptr && (!training || *training != Longs{0}))
      return unread_node(node, "drops while the model is used");
  }
  return Flows{inputs.front(), unread(unread_node(node, "gives what it dropped"))};
}

/// TensorProto.DataType.
constexpr std::int64_t kFloat = 1, kInt32 = 6, kInt64 = 7, kText = 8, kDouble = 11;

Result<Flows> cast_constant(const GraphNode& node, const Flow& x, std::int64_t to,
                            OperatorContext& context) {
  const auto numbers = numbers_of(x);
  if (!numbers || (to != kFloat && to != kDouble && to != kInt32 && to != kInt64))
    return unread_node(node, "makes a constant of a type that is not read");
  if (!context.budget.take(numbers->size())) return unread_node(node, "makes the graph too large");
  auto out = *x.constant;
  if (to == kFloat) {
    out.values = std::vector<float>(numbers->begin(), numbers->end());
  } else if (to == kDouble) {
    out.values = *numbers;
  } else if (!std::holds_alternative<Longs>(x.constant->values)) {
    return unread_node(node, "cuts off fractions");
  }
  return Flows{context.keep(std::move(out))};
}

/// Of columns.
Result<Flows> cast_columns(const GraphNode& node, const Flow& x, std::int64_t to) {
  const bool plain = std::all_of(x.columns->begin(), x.columns->end(),
                                 [](const FlowColumn& column) { return !column.code; });
  auto out = x;
  if (to == kText && x.whole && plain) {
    out.form = Form::texts;
    return Flows{std::move(out)};
  }
  if (to == kText) return unread_node(node, "makes texts of numbers");
  if (to != kInt32 && to != kInt64) return unread_node(node, "makes what are no numbers");
  if (!x.whole && !plain) return unread_node(node, "cuts off what numbers hold");
  out.cut = x.cut || !x.whole;
  return Flows{std::move(out)};
}

Result<Flows> read_cast(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return too_few(node);
  const auto& x = inputs.front();
  QUERN_TRY(const auto to, attribute_or<std::int64_t>(node, "to", 0));
  if (is_held(x)) return cast_constant(node, x, to, context);
  if (is_named(x)) return Flows{x};
  if (x.is(Form::texts)) {
    if (to == kText) return Flows{x};
    return unread_node(node, "makes numbers of texts");
  }
  if (to == kFloat || to == kDouble) return Flows{x};
  if (x.is(Form::columns)) return cast_columns(node, x, to);
  return unread_node(node, to == kText ? "makes texts of numbers" : "cuts off what numbers hold");
}

/// Rows of one dimension more or less, as a matrix.
Flow as_matrix(Flow x) {
  x.inner = 0;
  x.is_vector = false;
  return x;
}

Result<Flows> read_flatten(const GraphNode& node, const Flows& inputs, OperatorContext&) {
  if (inputs.empty()) return too_few(node);
  QUERN_TRY(const auto axis, attribute_or<std::int64_t>(node, "axis", 1));
  if (axis != 1 || is_held(inputs[0])) return unread_node(node, "puts rows together");
  return Flows{as_matrix(inputs.front())};
}

/// Rows stay rows: [-1, width], [0, -1], and [-1] of one column.
bool keeps_rows(const Longs& shape, const Flow& x) {
  if (is_named(x)) return shape.size() <= 2;
  const auto width = x.is(Form::pair) ? 2 : x.width;
  if (shape.size() == 1) return shape[0] == -1 && width == 1;
  if (shape.size() != 2) return false;
  const bool known = shape[1] == width || (shape[1] == 0);
  return known || (shape[1] == -1 && shape[0] != -1);
}

Result<Flows> read_reshape(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return too_few(node);
  const auto& x = inputs.front();
  QUERN_TRY(const auto* written, attribute<Longs>(node, "shape"));
  auto shape = written != nullptr  ? std::optional(*written)
               : inputs.size() > 1 ? wholes_of(inputs[1])
                                   : std::nullopt;
  if (!shape) return unread_node(node, "has a shape that is computed");
  if (!is_held(x)) {
    if (!keeps_rows(*shape, x)) return unread_node(node, "mixes rows and columns");
    auto out = as_matrix(x);
    out.is_vector = shape->size() == 1;
    return Flows{std::move(out)};
  }
  const auto open = std::find(shape->begin(), shape->end(), -1);
  if (open != shape->end()) {
    const auto held = std::visit([](const auto& v) { return v.size(); }, x.constant->values);
    *open = 1;
    std::int64_t others = 1;
    for (const auto n : *shape) {
      if (n < 1 || n > std::numeric_limits<std::int32_t>::max() || others > (std::int64_t{1} << 31))
        return unread_node(node, "gives a constant a shape that it cannot have");
      others *= n;
    }
    *open = static_cast<std::int64_t>(held) / others;
  }
  return with_shape(node, x, *std::move(shape), context);
}

/// One dimension of columns, of size 1.
Result<Flows> squeezed(const GraphNode& node, const Flow& x, std::int64_t axis) {
  auto out = x;
  if (x.inner > 0) {
    const bool middle = (axis == 1 || axis == -2) && x.inner == x.width;
    const bool last = (axis == 2 || axis == -1) && x.inner == 1;
    if (!middle && !last) return unread_node(node, "takes away columns");
    return Flows{as_matrix(std::move(out))};
  }
  if (x.width != 1 || axis == 0) return unread_node(node, "takes away columns");
  out.is_vector = true;
  return Flows{std::move(out)};
}

Result<Flows> read_squeeze(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return too_few(node);
  const auto& x = inputs.front();
  QUERN_TRY(const auto axes, axes_of(node, inputs));
  if (!is_held(x)) {
    if (is_named(x)) return Flows{x};
    if (axes && axes->size() != 1) return unread_node(node, "takes away columns");
    return squeezed(node, x, axes ? axes->front() : 1);
  }
  Longs shape;
  const auto rank = static_cast<std::int64_t>(x.constant->shape.size());
  for (std::int64_t i = 0; i < rank; ++i) {
    const auto size = x.constant->shape[static_cast<std::size_t>(i)];
    const bool named = !axes || std::any_of(axes->begin(), axes->end(), [&](std::int64_t axis) {
      return axis == i || axis + rank == i;
    });
    if (size != 1 || !named) shape.push_back(size);
  }
  return with_shape(node, x, std::move(shape), context);
}

Result<Flows> read_unsqueeze(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return too_few(node);
  const auto& x = inputs.front();
  QUERN_TRY(const auto axes, axes_of(node, inputs));
  if (!axes) return bad_node(node, "has no axes");
  if (!is_held(x)) {
    const bool column = axes->size() == 1 && (axes->front() == 1 || axes->front() == -1);
    if (!column || x.inner > 0 || (!is_named(x) && x.width != 1))
      return unread_node(node, "gives rows another dimension");
    return Flows{as_matrix(x)};
  }
  auto shape = x.constant->shape;
  for (auto axis : *axes) {
    const auto rank = static_cast<std::int64_t>(shape.size()) + 1;
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank || rank > 8) return bad_node(node, "has an axis out of range");
    shape.insert(shape.begin() + axis, 1);
  }
  return with_shape(node, x, std::move(shape), context);
}

/// Of matrices.
Result<Flows> read_transpose(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return too_few(node);
  const auto& x = inputs.front();
  QUERN_TRY(const auto order, attribute_or<Longs>(node, "perm", Longs{1, 0}));
  if (!is_held(x) || x.constant->shape.size() != 2 || order != Longs{1, 0})
    return unread_node(node, "turns what is no constant matrix");
  auto out = *x.constant;
  const auto rows = static_cast<std::size_t>(out.shape[0]);
  const auto columns = static_cast<std::size_t>(out.shape[1]);
  if (!context.budget.take(rows * columns)) return unread_node(node, "makes the graph too large");
  std::swap(out.shape[0], out.shape[1]);
  std::visit(
      [&](auto& values) {
        auto turned = values;
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t c = 0; c < columns; ++c) turned[c * rows + r] = values[r * columns + c];
        values = std::move(turned);
      },
      out.values);
  return Flows{context.keep(std::move(out))};
}

/// [1 - p, p] of its halves.
std::optional<Flow> pair_of(const Flows& inputs) {
  if (inputs.size() != 2 || !inputs[0].is(Form::complement) || !inputs[1].is(Form::numbers))
    return std::nullopt;
  if (inputs[0].of != inputs[1].id) return std::nullopt;
  auto out = inputs[1];
  out.form = Form::pair;
  return out;
}

/// The last dimension of what Concat puts together; 0: a matrix.
Result<std::int64_t> joined_inner(const GraphNode& node, const Flows& inputs, std::int64_t axis) {
  const auto inner = inputs.front().inner;
  const bool last = axis == -1 || axis == (inner > 0 ? 2 : 1);
  std::int64_t sum = 0;
  for (const auto& x : inputs) {
    if ((x.inner > 0) != (inner > 0))
      return unread_node(node, "puts matrices beside what has three dimensions");
    const bool fits = last ? x.inner == 0 || x.inner == x.width : axis == 1 && x.inner == inner;
    if (!fits) return unread_node(node, "puts rows one behind the other");
    sum += x.inner;
  }
  return last ? sum : inner;
}

Result<Flows> read_concat(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return too_few(node);
  QUERN_TRY(const auto axis, attribute_or<std::int64_t>(node, "axis", 1));
  if (auto pair = pair_of(inputs); pair && (axis == 1 || axis == -1))
    return Flows{*std::move(pair)};
  QUERN_TRY(const auto inner, joined_inner(node, inputs, axis));
  QUERN_TRY(auto out, made_by(node, join(inputs, context.budget)));
  out.front().inner = inner;
  out.front().is_vector = false;
  return out;
}

/// Classes at the places that an index says.
Result<Flows> classes_at(const GraphNode& node, const Flow& classes, const Flow& index) {
  auto out = index;
  auto known = std::make_shared<std::vector<Scalar>>();
  if (const auto* texts = std::get_if<std::vector<std::string>>(&classes.constant->values)) {
    known->assign(texts->begin(), texts->end());
  } else if (const auto wholes = wholes_of(classes)) {
    known->assign(wholes->begin(), wholes->end());
  } else if (const auto numbers = numbers_of(classes)) {
    known->assign(numbers->begin(), numbers->end());
  }
  if (known->size() > FlowBudget::kMostColumns) return unread_node(node, "has too many classes");
  out.form = Form::labels;
  out.classes = std::move(known);
  return Flows{std::move(out)};
}

Result<Flows> read_gather(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.size() < 2) return too_few(node);
  const bool of_columns = node.op == "ArrayFeatureExtractor";
  QUERN_TRY(const auto axis, attribute_or<std::int64_t>(node, "axis", of_columns ? 1 : 0));
  if (is_held(inputs[0]) && inputs[1].is(Form::index))
    return classes_at(node, inputs[0], inputs[1]);
  if (is_held(inputs[0]) && inputs[1].is(Form::columns) && !of_columns && axis == 0)
    return gather_rows(node, inputs[0], inputs[1], context);
  const auto places = wholes_of(inputs[1]);
  const bool list = places && inputs[1].constant->shape.size() <= 2;
  const auto& x = inputs[0];
  const bool by_column = x.inner == 0
                             ? axis == 1 || axis == -1
                             : (axis == 2 || axis == -1 || of_columns) && x.inner == x.width;
  if (!list || !by_column || is_held(x)) return unread_node(node, "takes out what is no column");
  QUERN_TRY(auto out, made_by(node, select(x, *places, context.budget)));
  const bool scalar = inputs[1].constant->shape.empty() && !of_columns;
  out.front().inner = x.inner > 0 && !scalar ? out.front().width : 0;
  out.front().is_vector = x.inner == 0 && scalar;
  return out;
}

/// The one number of a constant, else `otherwise`.
Result<std::int64_t> one_of(const GraphNode& node, const Flows& inputs, std::size_t at,
                            const char* name, std::int64_t otherwise) {
  QUERN_TRY(const auto* written, attribute<Longs>(node, name));
  std::optional<Longs> held;
  if (written != nullptr) held = *written;
  if (!held && inputs.size() > at && inputs[at].constant != nullptr) held = wholes_of(inputs[at]);
  if (!held) return otherwise;
  if (held->size() != 1) return unread_node(node, "cuts along more than columns");
  return held->front();
}

/// A range of columns.
Result<Flows> read_slice(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return too_few(node);
  const auto& x = inputs.front();
  if ((!x.is(Form::columns) && !x.is(Form::texts)) || x.inner > 0)
    return unread_node(node, "takes out what is no column");
  QUERN_TRY(auto first, one_of(node, inputs, 1, "starts", 0));
  QUERN_TRY(auto end, one_of(node, inputs, 2, "ends", 0));
  QUERN_TRY(const auto axis, one_of(node, inputs, 3, "axes", 0));
  QUERN_TRY(const auto step, one_of(node, inputs, 4, "steps", 1));
  if ((axis != 1 && axis != -1) || step != 1)
    return unread_node(node, "cuts along more than columns");
  if (first < 0) first += x.width;
  if (end < 0) end += x.width;
  end = std::min(end, x.width);
  if (first < 0 || first >= end) return unread_node(node, "leaves no column");
  Longs places(static_cast<std::size_t>(end - first));
  std::iota(places.begin(), places.end(), first);
  return made_by(node, select(x, places, context.budget));
}

}  // namespace

std::span<const NamedOperator> shape_operators() {
  static constexpr NamedOperator kOperators[] = {
      {"Identity", read_identity},
      {"Dropout", read_identity},
      {"Cast", read_cast},
      {"Flatten", read_flatten},
      {"Reshape", read_reshape},
      {"Squeeze", read_squeeze},
      {"Unsqueeze", read_unsqueeze},
      {"Transpose", read_transpose},
      {"Concat", read_concat},
      {"Gather", read_gather},
      {"ArrayFeatureExtractor", read_gather},
      {"FeatureVectorizer", read_concat},
      {"Slice", read_slice},
  };
  return kOperators;
}

}  // namespace quern::codegen
