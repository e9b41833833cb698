// What a graph makes of a category is known for each of its codes, so that scales and comparisons
// of it are computed here once, and not for each row.

#include "codegen/import/foreign_columns.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/similar.h"
#include "compiler/ir/network.h"

namespace quern::codegen {
namespace {

/// Columns of one category: by its input, and by which category it is.
using CategoryKey = std::pair<std::size_t, const FlowCategory*>;

Diagnostic too_large() {
  return {Code::not_in_this_version,
          "the ONNX graph is not read: its categories ask for more than the graph holds"};
}

CategoryKey key_of(const FlowColumn& column) { return {column.input, column.code->category.get()}; }

/// What the column gives for a code, behind its steps.
double value_of(const FlowColumn& column, std::size_t code) {
  double value = column.code->value(code);
  for (const auto& step : column.steps) {
    if (const auto* scale = std::get_if<ir::Standardize>(&step))
      value = (value - scale->mean) / scale->deviation;
    if (const auto* filled = std::get_if<ir::Impute>(&step))
      if (std::isnan(value)) value = filled->value;
    if (const auto* bucket = std::get_if<ir::Bucket>(&step))
      if (!std::isnan(value)) value = value >= bucket->boundaries.front() ? 1 : 0;
  }
  return value;
}

/// As layers read it.
float number_of(const FlowColumn& column, std::size_t code) {
  const auto value = value_of(column, code);
  return std::isnan(value) ? 0.0F : static_cast<float>(value);
}

bool is_one_hot(const FlowColumn& column) { return !column.code->values; }

// --- Features. ---

class FeatureMaker {
 public:
  FeatureMaker(const std::vector<InputColumn>& inputs, FlowBudget& budget)
      : inputs_(inputs), budget_(budget) {}

  Result<ForeignFeatures> make(const FlowColumns& columns, CategoriesAs as) {
    add_inputs(columns);
    for (const auto& column : columns) {
      if (!column.code) {
        places_.push_back(add({.name = name_of(column.input),
                               .input = input_.at(column.input),
                               .transform = ir::Number{},
                               .steps = column.steps}));
        continue;
      }
      if (as == CategoriesAs::codes && !categories_.contains(key_of(column))) {
        QUERN_TRY(auto feature, category_of(column));
        categories_[key_of(column)] = add(std::move(feature));
      }
      places_.push_back(as == CategoriesAs::codes ? categories_.at(key_of(column)) : 0);
    }
    if (as == CategoriesAs::groups) QUERN_CHECK(add_groups(columns));
    return ForeignFeatures{std::move(program_), std::move(places_)};
  }

 private:
  void add_inputs(const FlowColumns& columns) {
    for (const auto& column : columns) input_.emplace(column.input, 0);
    for (auto& [input, place] : input_) {
      place = program_.inputs.size();
      const bool text = inputs_[input].is_text;
      program_.inputs.push_back({inputs_[input].name, text ? TypeKind::text : TypeKind::float64});
    }
  }

  std::string name_of(std::size_t input) {
    auto name = inputs_[input].name;
    for (int i = 2; !taken_.insert(lower_ascii(name)).second; ++i)
      name = inputs_[input].name + "_" + std::to_string(i);
    return name;
  }

  std::size_t add(ir::Feature feature) {
    program_.features.push_back(std::move(feature));
    return program_.features.size() - 1;
  }

  /// Missing values are what all else is: "" of texts, and a number that is no code.
  Result<ir::Feature> category_of(const FlowColumn& column) {
    const auto& category = *column.code->category;
    ir::Feature out{name_of(column.input), input_.at(column.input), ir::Number{}, category.steps};
    if (category.vocabulary.empty()) {
      out.steps.emplace_back(ir::Impute{ir::Replacement::constant, -1});
      out.steps.emplace_back(ir::Identity{category.ids, true});
      return out;
    }
    std::size_t bytes = category.vocabulary.size();
    for (const auto& text : category.vocabulary) bytes += text.size();
    if (!budget_.take(bytes)) return too_large();
    out.transform = ir::Category{category.vocabulary, 0, ir::TextForNull{false, ""}};
    return out;
  }

  /// One hidden feature and one group a category.
  Result<void> add_groups(const FlowColumns& columns) {
    auto place = program_.features.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& column = columns[i];
      if (!column.code) continue;
      if (!categories_.contains(key_of(column))) {
        QUERN_TRY(auto feature, category_of(column));
        feature.hidden = true;
        ir::SparseGroup group{feature.name, feature.input, ir::OneHot{program_.features.size()}};
        group.width = static_cast<std::uint32_t>(column.code->category->codes());
        add(std::move(feature));
        categories_[key_of(column)] = place;
        place += group.width;
        if (place > FlowBudget::kMostColumns) return too_large();
        program_.groups.push_back(std::move(group));
      }
      places_[i] = categories_.at(key_of(column));
    }
    return {};
  }

  const std::vector<InputColumn>& inputs_;
  FlowBudget& budget_;
  ir::FeatureProgram program_;
  std::vector<std::size_t> places_;
  std::map<std::size_t, std::size_t> input_;  ///< of the graph: of the program
  std::set<std::string> taken_;
  std::map<CategoryKey, std::size_t> categories_;
};

// --- Trees. ---

bool goes_right(const Tree& tree, const Node& node, double value) {
  if (std::isnan(value)) return !node.default_left;
  const auto x = static_cast<float>(value);
  if (!node.categorical) return !(x < node.value);
  if (x < 0 || x >= static_cast<float>(std::uint64_t{node.categories_size} * 32)) return false;
  const auto code = static_cast<std::uint32_t>(x);
  return (tree.categories[node.categories_begin + code / 32] >> (code % 32) & 1U) != 0;
}

/// Codes that go right, where all else goes left; the children are turned round where that is so.
Result<std::vector<std::size_t>> codes_right(const Tree& tree, Node& node, const FlowColumn& column,
                                             FlowBudget& budget) {
  const auto codes = column.code->category->codes();
  const bool one = is_one_hot(column);
  if (!budget.take(1 + (one ? 0 : codes / 16))) return too_large();
  const bool rest_right = goes_right(tree, node, value_of(column, codes));
  std::vector<std::size_t> out;
  const auto look_at = [&](std::size_t code) {
    if (goes_right(tree, node, value_of(column, code)) != rest_right) out.push_back(code);
  };
  if (one) look_at(column.code->place);
  for (std::size_t code = 0; !one && code < codes; ++code) look_at(code);
  if (rest_right) std::swap(node.left, node.right);
  return out;
}

Result<void> recode(Tree& tree, Node& node, const FlowColumn& column, FlowBudget& budget) {
  QUERN_TRY(const auto right, codes_right(tree, node, column, budget));
  node.categorical = true;
  node.default_left = true;
  node.value = 0;
  node.categories_begin = static_cast<std::uint32_t>(tree.categories.size());
  node.categories_size = right.empty() ? 0 : static_cast<std::uint32_t>(right.back() / 32) + 1;
  if (!budget.take(node.categories_size)) return too_large();
  tree.categories.resize(tree.categories.size() + node.categories_size);
  for (const auto code : right)
    tree.categories[node.categories_begin + code / 32] |= 1U << (code % 32);
  return {};
}

}  // namespace

Result<ForeignFeatures> foreign_features(const FlowColumns& columns,
                                         const std::vector<InputColumn>& inputs, CategoriesAs as,
                                         FlowBudget& budget) {
  return FeatureMaker(inputs, budget).make(columns, as);
}

Result<std::vector<Tree>> over_features(std::vector<Tree> trees, const FlowColumns& columns,
                                        const ForeignFeatures& features, FlowBudget& budget) {
  for (auto& tree : trees) {
    for (auto& node : tree.nodes) {
      if (node.left == -1) continue;
      const auto of = static_cast<std::size_t>(node.feature);
      if (columns[of].code) QUERN_CHECK(recode(tree, node, columns[of], budget));
      node.feature = static_cast<std::int32_t>(features.places[of]);
    }
  }
  return trees;
}

Result<LinearWeights> over_features(const LinearWeights& linear, const FlowColumns& columns,
                                    const ForeignFeatures& features, FlowBudget& budget) {
  const auto outputs = linear.bias.size();
  const auto width = ir::width(features.program);
  std::size_t work = width * outputs;
  for (const auto& column : columns)
    if (column.code)
      work += is_one_hot(column) ? outputs : column.code->category->codes() * outputs;
  if (!budget.take(work)) return too_large();
  std::vector<double> weight(outputs * width);
  std::vector<double> bias(linear.bias.begin(), linear.bias.end());
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& column = columns[i];
      const double by = linear.weight[o * columns.size() + i];
      double* to = weight.data() + o * width + features.places[i];
      if (!column.code) {
        *to += by;
        continue;
      }
      const auto codes = column.code->category->codes();
      const double rest = number_of(column, codes);
      bias[o] += by * rest;
      const auto add = [&](std::size_t code) { to[code] += by * (number_of(column, code) - rest); };
      if (is_one_hot(column)) add(column.code->place);
      for (std::size_t code = 0; !is_one_hot(column) && code < codes; ++code) add(code);
    }
  }
  return LinearWeights{{weight.begin(), weight.end()}, {bias.begin(), bias.end()}};
}

// --- Networks. ---

namespace {

/// One behind the last of the columns from `first` on that are of one kind.
std::size_t end_of_run(const FlowColumns& columns, std::size_t first) {
  const auto same = [&](const FlowColumn& column) {
    const bool coded = column.code != nullptr;
    if (coded != (columns[first].code != nullptr)) return false;
    return !coded || key_of(column) == key_of(columns[first]);
  };
  auto end = first + 1;
  while (end < columns.size() && same(columns[end])) ++end;
  return end;
}

/// All ones of a category in their order, as they are.
bool is_whole_one_hot(const FlowColumns& columns, std::size_t first, std::size_t end) {
  if (end - first != columns[first].code->category->codes()) return false;
  for (auto i = first; i < end; ++i) {
    const bool plain = is_one_hot(columns[i]) && columns[i].steps.empty();
    if (!plain || columns[i].code->place != i - first) return false;
  }
  return true;
}

}  // namespace

Result<std::vector<ForeignBlock>> blocks_of(const FlowColumns& columns,
                                            const ForeignFeatures& features, FlowBudget& budget) {
  std::vector<ForeignBlock> out;
  for (std::size_t first = 0; first < columns.size();) {
    const auto end = end_of_run(columns, first);
    const auto place = static_cast<std::int32_t>(features.places[first]);
    const auto size = static_cast<std::int32_t>(end - first);
    if (!columns[first].code) {
      out.push_back({ir::DenseBlock{place, size}});
    } else if (is_whole_one_hot(columns, first, end)) {
      out.push_back({ir::OneHotBlock{place, size}});
    } else {
      const auto codes = columns[first].code->category->codes() + 1;
      if (!budget.take(codes * (end - first))) return too_large();
      ForeignBlock block{ir::EmbeddingBlock{place, static_cast<std::int32_t>(codes), size}};
      for (std::size_t code = 0; code < codes; ++code)
        for (auto i = first; i < end; ++i) block.table.push_back(number_of(columns[i], code));
      out.push_back(std::move(block));
    }
    first = end;
  }
  return out;
}

}  // namespace quern::codegen
