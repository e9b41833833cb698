// Predicates are numbered by feature, so that one pass over a column answers all that is asked of
// it.

#include "codegen/forest/predicates.h"

#include <algorithm>
#include <utility>

#include "codegen/forest/routing.h"

namespace quern::codegen {

BlockColumns::BlockColumns(const Forest& forest) {
  std::vector<bool> used(static_cast<std::size_t>(forest.features), false);
  for (const auto& tree : forest.trees) {
    for (const auto& node : tree.nodes) {
      if (node.left != -1) used[static_cast<std::size_t>(node.feature)] = true;
    }
  }
  column_of_.resize(used.size());
  for (std::size_t f = 0; f < used.size(); ++f) {
    if (!used[f]) continue;
    column_of_[f] = static_cast<std::uint32_t>(features_.size());
    features_.push_back(static_cast<std::int32_t>(f));
  }
}

BlockColumns::Values BlockColumns::make_values() const {
  return {std::vector<const float*>(features_.size()),
          std::vector<float>(features_.size() * kBlockRows)};
}

void BlockColumns::load(const FeatureView& x, Values& values) const {
  const bool in_place = x.row_stride == 1 && x.rows == kBlockRows;
  for (std::size_t c = 0; c < features_.size(); ++c) {
    if (in_place) {
      values.columns[c] = x.data + features_[c] * x.feature_stride;
      continue;
    }
    float* copy = values.copies.data() + c * kBlockRows;
    for (std::int64_t row = 0; row < x.rows; ++row) copy[row] = x.at(row, features_[c]);
    std::fill(copy + x.rows, copy + kBlockRows, 0.0F);
    values.columns[c] = copy;
  }
}

Predicates::Key Predicates::key_of(const Tree& tree, const Node& node) {
  Key key{node.feature, node.default_left, node.value, {}};
  if (!node.categorical) return key;
  const auto begin = tree.categories.begin() + node.categories_begin;
  // The size tells an empty set from a number.
  std::get<3>(key) = {node.categories_size};
  std::get<3>(key).insert(std::get<3>(key).end(), begin, begin + node.categories_size);
  return key;
}

void Predicates::add(const Tree& tree) {
  for (const auto& node : tree.nodes) {
    // -0.0 and 0.0 are one key: every comparison with them is the same.
    if (node.left != -1) numbers_.try_emplace(key_of(tree, node), 0);
  }
}

void Predicates::number() {
  std::vector<const Key*> order;
  for (const auto& [key, number] : numbers_) order.push_back(&key);
  std::stable_sort(order.begin(), order.end(), [&](const Key* a, const Key* b) {
    return std::pair(std::get<0>(*a), kind_of(*a)) < std::pair(std::get<0>(*b), kind_of(*b));
  });
  for (const auto* key : order) append(*key);
}

Predicates::Kind Predicates::kind_of(const Key& key) const {
  const auto& [feature, default_left, threshold, categories] = key;
  if (!categories.empty()) return Kind::categorical;
  if (default_left) return Kind::left;
  return numbers_.contains(Key{feature, true, threshold, {}}) ? Kind::twin : Kind::right;
}

void Predicates::append(const Key& key) {
  const auto& [feature, default_left, threshold, categories] = key;
  const auto kind = kind_of(key);
  if (groups_.empty() || groups_.back().feature != feature || kind == Kind::categorical ||
      groups_.back().categorical != -1)
    groups_.push_back({.feature = feature, .begin = predicates_.size()});
  auto& group = groups_.back();
  numbers_.at(key) = static_cast<std::uint32_t>(predicates_.size());
  predicates_.push_back({threshold});
  if (kind == Kind::left) ++group.lefts;
  if (kind == Kind::right) ++group.rights;
  if (kind == Kind::twin) {
    if (group.twins++ == 0) group.first_twin = left_of_twin_.size();
    const auto left = numbers_.at(Key{feature, true, threshold, {}});
    left_of_twin_.push_back(left - static_cast<std::uint32_t>(group.begin));
  }
  if (kind != Kind::categorical) return;
  group.categorical = static_cast<std::int32_t>(categorical_.size());
  Node node{.feature = feature, .default_left = default_left, .categorical = true};
  node.categories_size = categories[0];
  categorical_.push_back(
      {node, {.nodes = {}, .categories = {categories.begin() + 1, categories.end()}}});
}

void Predicates::answer(const SlicedSteps& steps, const BlockColumns& block,
                        const float* const* columns, Mask* masks,
                        const std::vector<bool>* answered) const {
  for (const auto& group : groups_) {
    const auto feature = static_cast<std::size_t>(group.feature);
    if (answered != nullptr && (*answered)[feature]) continue;
    const auto* column = columns[block.of_features()[feature]];
    if (group.categorical != -1) {
      answer_categories(categorical_[static_cast<std::size_t>(group.categorical)], column,
                        masks[group.begin]);
      continue;
    }
    steps.compare(column,
                  {.predicates = &predicates_[group.begin],
                   .lefts = group.lefts,
                   .rights = group.rights,
                   .twins = group.twins,
                   .left_of_twin = left_of_twin_.data() + group.first_twin},
                  masks + group.begin);
  }
}

void Predicates::list(BlockQuestions& questions) const {
  for (const auto& group : groups_) {
    if (group.categorical != -1)
      questions.categories.push_back(category_question(group));
    else
      questions.numbers.push_back(number_questions(group));
  }
}

NumberQuestions Predicates::number_questions(const Group& group) const {
  NumberQuestions out{.feature = group.feature, .first_mask = group.begin};
  auto at = predicates_.begin() + static_cast<std::ptrdiff_t>(group.begin);
  for (std::size_t i = 0; i < group.lefts; ++i) out.lefts.push_back((at++)->threshold);
  for (std::size_t i = 0; i < group.rights; ++i) out.rights.push_back((at++)->threshold);
  const auto twin = left_of_twin_.begin() + static_cast<std::ptrdiff_t>(group.first_twin);
  out.twins.assign(twin, twin + static_cast<std::ptrdiff_t>(group.twins));
  return out;
}

CategoryQuestion Predicates::category_question(const Group& group) const {
  const auto& split = categorical_[static_cast<std::size_t>(group.categorical)];
  return {.feature = group.feature,
          .mask = group.begin,
          .default_left = split.node.default_left,
          .set = split.sets.categories};
}

void Predicates::answer_categories(const CategoricalSplit& split, const float* column, Mask& mask) {
  for (int word = 0; word < kMaskWords; ++word) {
    std::uint64_t bits = 0;
    for (int row = 0; row < 64; ++row) {
      const bool left = goes_left(split.sets, split.node, column[word * 64 + row]);
      bits |= std::uint64_t{!left} << row;
    }
    mask.words[word] = bits;
  }
}

}  // namespace quern::codegen
