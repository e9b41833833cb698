// Texts and whole numbers as categories: 1 among zeros, a number, or a row of a table for each.
// What is no category, and what is missing, is one thing here: ONNX gives zeros or a default, or
// fails.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "codegen/import/node_attributes.h"
#include "codegen/import/operators.h"

namespace quern::codegen {
namespace {

using Flows = std::vector<Flow>;
using Form = Flow::Form;
using Floats = std::vector<float>;
using Longs = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;
using Keys = std::variant<Longs, Texts>;
using Category = std::shared_ptr<const FlowCategory>;

/// Whole numbers below this are their own codes; larger ones make a vocabulary of digits.
std::int64_t most_ids(std::size_t keys) { return 1024 + 4 * static_cast<std::int64_t>(keys); }

std::size_t size_of(const Keys& keys) {
  return std::visit([](const auto& list) { return list.size(); }, keys);
}

Diagnostic too_large(const GraphNode& node) {
  return unread_node(node, "makes the graph too large");
}

/// The keys of one node, in the order of a vocabulary.
class KeyTable {
 public:
  static Result<KeyTable> make(const GraphNode& node, const Keys& keys, bool of_texts,
                               OperatorContext& context) {
    if (size_of(keys) == 0) return unread_node(node, "has no categories");
    if (std::holds_alternative<Texts>(keys) != of_texts)
      return unread_node(
          node, of_texts ? "looks for numbers among texts" : "looks for texts among numbers");
    if (!context.budget.take(2 * size_of(keys))) return too_large(node);
    KeyTable out;
    out.fill(keys);
    const auto& words = out.category_.vocabulary;
    const bool twice = std::adjacent_find(words.begin(), words.end()) != words.end();
    if (twice || out.has_id_twice()) return bad_node(node, "has a category twice");
    return out;
  }

  /// The code of each key, in the node's order.
  const std::vector<std::size_t>& places() const { return places_; }

  /// The category of a column; one that nothing was done to shares it with others.
  Result<Category> of(const GraphNode& node, const FlowColumn& column) {
    if (column.code) return unread_node(node, "encodes what is encoded");
    if (!column.steps.empty() && category_.ids == 0)
      return unread_node(node, "has categories far from 0 of numbers that were changed before");
    if (!shared_) shared_ = std::make_shared<const FlowCategory>(category_);
    if (column.steps.empty()) return shared_;
    return std::make_shared<const FlowCategory>(
        FlowCategory{.vocabulary = {}, .ids = category_.ids, .steps = column.steps});
  }

  std::size_t codes() const { return category_.codes(); }

 private:
  void fill(const Keys& keys) {
    if (const auto* texts = std::get_if<Texts>(&keys)) return fill_words(*texts);
    const auto& numbers = std::get<Longs>(keys);
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    if (*least >= 0 && *most < most_ids(numbers.size())) {
      category_.ids = static_cast<std::uint32_t>(*most) + 1;
      places_.assign(numbers.begin(), numbers.end());
      return;
    }
    Texts digits;
    for (const auto number : numbers) digits.push_back(std::to_string(number));
    fill_words(digits);
  }

  void fill_words(const Texts& words) {
    std::vector<std::size_t> order(words.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return words[a] < words[b]; });
    places_.resize(words.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      places_[order[i]] = i;
      category_.vocabulary.push_back(words[order[i]]);
    }
  }

  bool has_id_twice() const {
    auto sorted = places_;
    std::sort(sorted.begin(), sorted.end());
    return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  }

  FlowCategory category_;
  Category shared_;
  std::vector<std::size_t> places_;
};

Result<void> check_encoded(const GraphNode& node, const Flow& x) {
  if (x.is(Form::texts) || x.is(Form::columns)) return {};
  return unread_node(node, "encodes what is no column");
}

/// The node's keys under one of two names.
Result<Keys> keys_of(const GraphNode& node, const char* texts, const char* wholes) {
  QUERN_TRY(const auto* words, attribute<Texts>(node, texts));
  if (words != nullptr) return Keys(*words);
  QUERN_TRY(const auto* numbers, attribute<Longs>(node, wholes));
  if (numbers != nullptr) return Keys(*numbers);
  return unread_node(node, "has categories that are neither texts nor whole numbers");
}

Flow columns_flow(const Flow& like, std::shared_ptr<FlowColumns> columns) {
  Flow out;
  out.form = Form::columns;
  out.width = static_cast<std::int64_t>(columns->size());
  out.columns = std::move(columns);
  out.is_vector = like.is_vector;
  return out;
}

Result<Flows> read_one_hot(const GraphNode& node, const Flows& inputs, OperatorContext& context) {
  if (inputs.empty()) return bad_node(node, "has no input");
  const auto& x = inputs.front();
  QUERN_CHECK(check_encoded(node, x));
  QUERN_TRY(const auto keys, keys_of(node, "cats_strings", "cats_int64s"));
  QUERN_TRY(auto table, KeyTable::make(node, keys, x.is(Form::texts), context));
  const auto size = table.places().size() * x.columns->size();
  if (size > FlowBudget::kMostColumns || !context.budget.take(4 * size)) return too_large(node);
  auto columns = std::make_shared<FlowColumns>();
  for (const auto& column : *x.columns) {
    QUERN_TRY(const auto category, table.of(node, column));
    for (const auto place : table.places()) {
      const FlowCode code{category, nullptr, place};
      columns->push_back({column.input, {}, std::make_shared<const FlowCode>(code)});
    }
  }
  auto out = columns_flow(x, std::move(columns));
  if (!x.is_vector) out.inner = static_cast<std::int64_t>(table.places().size());
  out.is_vector = false;
  return Flows{std::move(out)};
}

/// What a node gives for each of its keys.
struct Lookup {
  Keys keys;
  std::vector<double> values;
  double otherwise = 0;
  bool whole = false;
};

/// The places of texts, as LabelEncoder of ai.onnx.ml 1 has them.
Result<Lookup> counted(const GraphNode& node, const Texts& texts) {
  Lookup out{.keys = texts, .values = std::vector<double>(texts.size()), .whole = true};
  std::iota(out.values.begin(), out.values.end(), 0.0);
  QUERN_TRY(const auto otherwise, attribute_or<std::int64_t>(node, "default_int64", -1));
  out.otherwise = static_cast<double>(otherwise);
  return out;
}

Result<Lookup> lookup_of(const GraphNode& node) {
  const bool mapper = node.op == "CategoryMapper";
  QUERN_TRY(const auto* counted_texts, attribute<Texts>(node, "classes_strings"));
  if (counted_texts != nullptr) return counted(node, *counted_texts);
  Lookup out;
  if (mapper) {
    QUERN_TRY(out.keys, attribute_or<Texts>(node, "cats_strings", {}));
  } else {
    QUERN_TRY(out.keys, keys_of(node, "keys_strings", "keys_int64s"));
  }
  QUERN_TRY(const auto* numbers, attribute<Floats>(node, "values_floats"));
  QUERN_TRY(const auto* wholes, attribute<Longs>(node, mapper ? "cats_int64s" : "values_int64s"));
  if (numbers == nullptr && wholes == nullptr) return unread_node(node, "gives no numbers");
  out.whole = wholes != nullptr;
  if (out.whole) {
    QUERN_TRY(const auto otherwise, attribute_or<std::int64_t>(node, "default_int64", -1));
    out.otherwise = static_cast<double>(otherwise);
    out.values.assign(wholes->begin(), wholes->end());
  } else {
    QUERN_TRY(const auto otherwise, attribute_or<float>(node, "default_float", 0.0F));
    out.otherwise = otherwise;
    out.values.assign(numbers->begin(), numbers->end());
  }
  if (out.values.size() != size_of(out.keys))
    return bad_node(node, "has keys and values of different numbers");
  return out;
}

/// Whole numbers stay exact; what has no end cannot be computed with.
Result<void> check_values(const GraphNode& node, const Lookup& lookup) {
  const auto bad = [&](double v) {
    return std::isinf(v) || (lookup.whole && static_cast<double>(static_cast<float>(v)) != v);
  };
  if (!bad(lookup.otherwise) && std::none_of(lookup.values.begin(), lookup.values.end(), bad))
    return {};
  return unread_node(node, "gives a number that float32 does not hold");
}

}  // namespace

Result<Flows> encode_labels(const GraphNode& node, const Flow& x, OperatorContext& context) {
  QUERN_CHECK(check_encoded(node, x));
  QUERN_TRY(const auto lookup, lookup_of(node));
  QUERN_CHECK(check_values(node, lookup));
  QUERN_TRY(auto table, KeyTable::make(node, lookup.keys, x.is(Form::texts), context));
  if (!context.budget.take(table.codes() + 1 + 4 * x.columns->size())) return too_large(node);
  Floats values(table.codes() + 1, static_cast<float>(lookup.otherwise));
  for (std::size_t i = 0; i < lookup.values.size(); ++i)
    values[table.places()[i]] = static_cast<float>(lookup.values[i]);
  const auto shared = std::make_shared<const Floats>(std::move(values));
  auto columns = std::make_shared<FlowColumns>();
  for (const auto& column : *x.columns) {
    QUERN_TRY(const auto category, table.of(node, column));
    const FlowCode code{category, shared, 0};
    columns->push_back({column.input, {}, std::make_shared<const FlowCode>(code)});
  }
  auto out = columns_flow(x, std::move(columns));
  out.whole = lookup.whole;
  return Flows{std::move(out)};
}

namespace {

Result<Flows> read_category_mapper(const GraphNode& node, const Flows& inputs,
                                   OperatorContext& context) {
  if (inputs.empty()) return bad_node(node, "has no input");
  return encode_labels(node, inputs.front(), context);
}

// --- Rows of a table. ---

/// A table's rows by the codes of one column.
class RowTable {
 public:
  RowTable(std::vector<double> values, std::int64_t rows)
      : values_(std::move(values)),
        rows_(rows),
        width_(values_.size() / static_cast<std::size_t>(rows)) {}

  std::size_t width() const { return width_; }

  /// The number of values that append() keeps for a column.
  std::size_t size_for(const FlowColumn& column) const {
    const auto codes =
        column.code ? column.code->category->codes() : static_cast<std::size_t>(rows_);
    return (codes + 1) * width_;
  }

  void append(const FlowColumn& column, FlowColumns& out) const {
    const auto category = column.code ? column.code->category
                                      : std::make_shared<const FlowCategory>(
                                            FlowCategory{.vocabulary = {},
                                                         .ids = static_cast<std::uint32_t>(rows_),
                                                         .steps = column.steps});
    for (std::size_t d = 0; d < width_; ++d) {
      Floats of_codes;
      for (std::size_t code = 0; code <= category->codes(); ++code)
        of_codes.push_back(value(row_of(column, code), d));
      auto values = std::make_shared<const Floats>(std::move(of_codes));
      const FlowCode code{category, std::move(values), 0};
      out.push_back({column.input, {}, std::make_shared<const FlowCode>(code)});
    }
  }

 private:
  /// What is no row of the table: -1 - rows.
  double row_of(const FlowColumn& column, std::size_t code) const {
    if (column.code) return column.code->value(code);
    return std::cmp_less(code, rows_) ? static_cast<double>(code)
                                      : -1.0 - static_cast<double>(rows_);
  }

  /// Rows below 0 count from the end. Rule: Gather.
  float value(double row, std::size_t d) const {
    if (row < 0) row += static_cast<double>(rows_);
    if (!(row >= 0 && row < static_cast<double>(rows_))) return 0;
    return static_cast<float>(values_[static_cast<std::size_t>(row) * width_ + d]);
  }

  std::vector<double> values_;
  std::int64_t rows_;
  std::size_t width_;
};

}  // namespace

Result<Flows> gather_rows(const GraphNode& node, const Flow& table, const Flow& index,
                          OperatorContext& context) {
  const auto& shape = table.constant->shape;
  auto numbers = numbers_of(table);
  const bool is_table = numbers && !numbers->empty() && (shape.size() == 1 || shape.size() == 2);
  if (!is_table) return unread_node(node, "takes rows of what is no table of numbers");
  if (!index.whole && !index.cut)
    return unread_node(node, "takes rows by what are no whole numbers");
  const auto changed = [](const FlowColumn& column) {
    return column.code && !column.steps.empty();
  };
  if (std::any_of(index.columns->begin(), index.columns->end(), changed))
    return unread_node(node, "takes rows by numbers that were changed before");
  if (shape.front() > std::int64_t{ir::kMostBuckets}) return too_large(node);
  const RowTable rows(*std::move(numbers), shape.front());
  auto columns = std::make_shared<FlowColumns>();
  for (const auto& column : *index.columns) {
    if (columns->size() + rows.width() > FlowBudget::kMostColumns ||
        !context.budget.take(rows.size_for(column) + 4 * rows.width()))
      return too_large(node);
    rows.append(column, *columns);
  }
  auto out = columns_flow(index, std::move(columns));
  if (shape.size() == 2 && !index.is_vector) out.inner = static_cast<std::int64_t>(rows.width());
  if (shape.size() == 2) out.is_vector = false;
  return Flows{std::move(out)};
}

std::span<const NamedOperator> category_operators() {
  static constexpr NamedOperator kOperators[] = {
      {"OneHotEncoder", read_one_hot},
      {"CategoryMapper", read_category_mapper},
  };
  return kOperators;
}

}  // namespace quern::codegen
