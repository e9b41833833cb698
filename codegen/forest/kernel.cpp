// The bit-sliced kernel: see sliced.h for how it works. This file makes its tables and drives the
// blocks.

#include "codegen/forest/kernel.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>
#include <variant>

#include "codegen/forest/routing.h"
#include "codegen/forest/sliced.h"
#include "codegen/forest/walked.h"

namespace quern::codegen {
namespace {

/// Fewer rows than this are walked one by one: a block costs the same, full or not.
constexpr std::int64_t kFewestRows = 24;
/// More outputs than this are not worth a block of sums each.
constexpr std::int32_t kMostOutputs = 1024;
/// A tree is completed where that makes it no more than so many times wider.
constexpr std::size_t kMostPadding = 16;
/// Trees up to this depth are completed whatever they have.
constexpr int kAlwaysSliced = 6;

const SlicedSteps& steps_of([[maybe_unused]] VectorSet set) {
#if defined(__x86_64__)
  if (set == VectorSet::avx512) return avx512_steps();
  if (set == VectorSet::avx2) return avx2_steps();
#endif
  return portable_steps();
}

/// A categorical split on its own: what goes_left() needs.
struct CategoricalSplit {
  Node node;
  Tree sets;  ///< no nodes
};

int depth_of(const Tree& tree) {
  std::vector<int> depth(tree.nodes.size(), 0);
  int deepest = 0;
  // Children stand behind their parents.
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    deepest = std::max(deepest, depth[i]);
    if (tree.nodes[i].left == -1) continue;
    depth[static_cast<std::size_t>(tree.nodes[i].left)] = depth[i] + 1;
    depth[static_cast<std::size_t>(tree.nodes[i].right)] = depth[i] + 1;
  }
  return deepest;
}

bool is_sliced(const Tree& tree, int depth) {
  if (depth > kDeepestSliced) return false;
  const auto leaves = tree.nodes.size() / 2 + 1;
  return depth <= kAlwaysSliced || (std::size_t{1} << depth) <= kMostPadding * leaves;
}

bool has_categories(const Tree& tree) {
  return std::any_of(tree.nodes.begin(), tree.nodes.end(),
                     [](const Node& node) { return node.left != -1 && node.categorical; });
}

/// A tree that neither way is made for.
struct PlainTree {};

class Kernel final : public ForestKernel {
 public:
  Kernel(Forest forest, VectorSet set) : forest_(std::move(forest)), steps_(steps_of(set)) {
    find_columns();
    find_predicates();
    for (std::size_t i = 0; i < forest_.trees.size(); ++i) add_tree(i);
    list_questions();
  }

  const BlockQuestions* questions() const override { return questions_ ? &*questions_ : nullptr; }

  void score(const FeatureView& x, std::span<float> out, BaseMargins base) const override {
    if (forest_.outputs > kMostOutputs) return predict_margins(forest_, x, out, base);
    Scratch scratch(*this);
    for (std::int64_t begin = 0; begin < x.rows; begin += kBlockRows) {
      const auto rows = std::min<std::int64_t>(kBlockRows, x.rows - begin);
      FeatureView view = x;
      view.data += begin * x.row_stride;
      view.rows = rows;
      const auto width = static_cast<std::size_t>(forest_.outputs);
      const auto first = static_cast<std::size_t>(begin) * width;
      const auto size = static_cast<std::size_t>(rows) * width;
      const auto start = base.empty() ? base : base.subspan(first, size);
      if (rows < kFewestRows)
        predict_margins(forest_, view, out.subspan(first, size), start);
      else
        score_block(view, out.subspan(first, size), start, scratch);
    }
  }

 private:
  /// Predicates that are answered together: all of a numeric feature, or one of a categorical one.
  struct Group {
    std::int32_t feature = 0;
    std::size_t begin = 0;  ///< of predicates_ and the masks
    std::size_t lefts = 0;
    std::size_t rights = 0;
    std::size_t twins = 0;
    std::size_t first_twin = 0;     ///< of left_of_twin_
    std::int32_t categorical = -1;  ///< of categorical_
  };
  /// Feature, default, threshold, categories: in this order.
  using Key = std::tuple<std::int32_t, bool, float, std::vector<std::uint32_t>>;

  /// What one call works in.
  struct Scratch {
    explicit Scratch(const Kernel& kernel)
        : columns(kernel.features_.size()),
          copies(kernel.features_.size() * kBlockRows),
          masks(std::make_unique_for_overwrite<Mask[]>(kernel.predicates_.size())),
          sums(static_cast<std::size_t>(kernel.forest_.outputs) * kBlockRows) {}
    std::vector<const float*> columns;  ///< of the features that are used
    std::vector<float> copies;
    std::unique_ptr<Mask[]> masks;  ///< as many as there are predicates
    std::vector<float> sums;        ///< [outputs, kBlockRows]
  };

  void find_columns() {
    std::vector<bool> used(static_cast<std::size_t>(forest_.features), false);
    for (const auto& tree : forest_.trees) {
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

  static Key key_of(const Tree& tree, const Node& node) {
    Key key{node.feature, node.default_left, node.value, {}};
    if (!node.categorical) return key;
    const auto begin = tree.categories.begin() + node.categories_begin;
    // The size tells an empty set from a number.
    std::get<3>(key) = {node.categories_size};
    std::get<3>(key).insert(std::get<3>(key).end(), begin, begin + node.categories_size);
    return key;
  }

  /// The different predicates of the trees that are sliced, by feature.
  void find_predicates() {
    for (const auto& tree : forest_.trees) {
      depths_.push_back(depth_of(tree));
      if (!is_sliced(tree, depths_.back())) continue;
      for (const auto& node : tree.nodes) {
        // -0.0 and 0.0 are one key: every comparison with them is the same.
        if (node.left != -1) numbers_.try_emplace(key_of(tree, node), 0);
      }
    }
    std::vector<const Key*> order;
    for (const auto& [key, number] : numbers_) order.push_back(&key);
    std::stable_sort(order.begin(), order.end(), [&](const Key* a, const Key* b) {
      return std::pair(std::get<0>(*a), kind_of(*a)) < std::pair(std::get<0>(*b), kind_of(*b));
    });
    for (const auto* key : order) add_predicate(*key);
  }

  /// What is asked of a feature first; see Questions.
  enum class Kind { left, right, twin, categorical };

  Kind kind_of(const Key& key) const {
    const auto& [feature, default_left, threshold, categories] = key;
    if (!categories.empty()) return Kind::categorical;
    if (default_left) return Kind::left;
    return numbers_.contains(Key{feature, true, threshold, {}}) ? Kind::twin : Kind::right;
  }

  void add_predicate(const Key& key) {
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

  void add_tree(std::size_t i) {
    const auto& tree = forest_.trees[i];
    if (is_sliced(tree, depths_[i])) {
      trees_.emplace_back(slice(tree, depths_[i]));
    } else if (has_categories(tree)) {
      trees_.emplace_back(PlainTree{});
    } else {
      trees_.emplace_back(make_walked(tree, column_of_));
    }
  }

  SlicedTree slice(const Tree& tree, int depth) {
    const auto width = std::size_t{1} << depth;
    SlicedTree out{depth, order_.size(), leaves_.size()};
    order_.resize(order_.size() + width - 1, 0);
    leaves_.resize(leaves_.size() + std::max<std::size_t>(width, kLeafTable), 0);
    complete(tree, 0, 0, 0, out);
    return out;
  }

  /// A leaf above the last level stands for all that would be below it.
  void complete(const Tree& tree, std::size_t node, int level, std::size_t path,
                const SlicedTree& out) {
    const auto& at = tree.nodes[node];
    if (at.left == -1) {
      const auto below = std::size_t{1} << (out.depth - level);
      const auto first = leaves_.begin() + static_cast<std::ptrdiff_t>(out.leaves + path * below);
      std::fill_n(first, below, at.value * tree.weight);
      return;
    }
    order_[out.predicates + (std::size_t{1} << level) - 1 + path] = numbers_.at(key_of(tree, at));
    complete(tree, static_cast<std::size_t>(at.left), level + 1, path * 2, out);
    complete(tree, static_cast<std::size_t>(at.right), level + 1, path * 2 + 1, out);
  }

  /// For who answers in the kernel's place, where no tree needs the oracle.
  void list_questions() {
    if (forest_.outputs > kMostOutputs || has<PlainTree>()) return;
    questions_.emplace(BlockQuestions{
        .masks = predicates_.size(), .columns = features_, .reads_values = has<WalkedTree>()});
    for (const auto& group : groups_) {
      if (group.categorical != -1)
        questions_->categories.push_back(category_question(group));
      else
        questions_->numbers.push_back(number_questions(group));
    }
  }

  template <typename Kind>
  bool has() const {
    return std::any_of(trees_.begin(), trees_.end(),
                       [](const auto& tree) { return std::holds_alternative<Kind>(tree); });
  }

  NumberQuestions number_questions(const Group& group) const {
    NumberQuestions out{.feature = group.feature, .first_mask = group.begin};
    auto at = predicates_.begin() + static_cast<std::ptrdiff_t>(group.begin);
    for (std::size_t i = 0; i < group.lefts; ++i) out.lefts.push_back((at++)->threshold);
    for (std::size_t i = 0; i < group.rights; ++i) out.rights.push_back((at++)->threshold);
    const auto twin = left_of_twin_.begin() + static_cast<std::ptrdiff_t>(group.first_twin);
    out.twins.assign(twin, twin + static_cast<std::ptrdiff_t>(group.twins));
    return out;
  }

  CategoryQuestion category_question(const Group& group) const {
    const auto& split = categorical_[static_cast<std::size_t>(group.categorical)];
    return {.feature = group.feature,
            .mask = group.begin,
            .default_left = split.node.default_left,
            .set = split.sets.categories};
  }

  void score_block(const FeatureView& x, std::span<float> out, BaseMargins base,
                   Scratch& scratch) const {
    load(x, scratch);
    for (const auto& group : groups_) ask(group, scratch.columns.data(), scratch.masks.get());
    begin_sums(x.rows, base, scratch.sums.data());
    for (std::size_t i = 0; i < trees_.size(); ++i) {
      if (std::holds_alternative<PlainTree>(trees_[i]))
        add_plain(i, x, scratch.sums.data());
      else
        add_leaves(i, scratch.masks.get(), scratch.columns.data(), scratch.sums.data());
    }
    end_sums(x.rows, scratch.sums.data(), out);
  }

  void score_answered(const AnsweredBlock& block, std::span<float> out,
                      BaseMargins base) const override {
    std::vector<const float*> columns(questions_->columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = block.columns + c * kBlockRows;
    for (const auto& group : groups_) {
      if (!(*block.answered)[static_cast<std::size_t>(group.feature)])
        ask(group, columns.data(), block.masks);
    }
    begin_sums(block.rows, base, block.sums);
    for (std::size_t i = 0; i < trees_.size(); ++i)
      add_leaves(i, block.masks, columns.data(), block.sums);
    end_sums(block.rows, block.sums, out);
  }

  /// Sums lie output by output while trees are added, row by row outside.
  void begin_sums(std::int64_t rows, BaseMargins base, float* sums) const {
    const auto width = static_cast<std::size_t>(forest_.outputs);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto first = first_margins(forest_, base, row);
      for (std::size_t o = 0; o < width; ++o)
        sums[o * kBlockRows + static_cast<std::size_t>(row)] = first[o];
    }
  }

  void end_sums(std::int64_t rows, const float* sums, std::span<float> out) const {
    const auto width = static_cast<std::size_t>(forest_.outputs);
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
      for (std::size_t o = 0; o < width; ++o) out[row * width + o] = sums[o * kBlockRows + row];
    }
  }

  /// Finds the block's columns, or copies them where they are not as the steps need them.
  void load(const FeatureView& x, Scratch& scratch) const {
    const bool in_place = x.row_stride == 1 && x.rows == kBlockRows;
    for (std::size_t c = 0; c < features_.size(); ++c) {
      if (in_place) {
        scratch.columns[c] = x.data + features_[c] * x.feature_stride;
        continue;
      }
      float* copy = scratch.copies.data() + c * kBlockRows;
      for (std::int64_t row = 0; row < x.rows; ++row) copy[row] = x.at(row, features_[c]);
      std::fill(copy + x.rows, copy + kBlockRows, 0.0F);
      scratch.columns[c] = copy;
    }
  }

  void ask(const Group& group, const float* const* columns, Mask* masks) const {
    const auto* column = columns[column_of_[static_cast<std::size_t>(group.feature)]];
    masks += group.begin;
    if (group.categorical != -1)
      return ask_categories(categorical_[static_cast<std::size_t>(group.categorical)], column,
                            *masks);
    steps_.compare(column,
                   {.predicates = &predicates_[group.begin],
                    .lefts = group.lefts,
                    .rights = group.rights,
                    .twins = group.twins,
                    .left_of_twin = left_of_twin_.data() + group.first_twin},
                   masks);
  }

  static void ask_categories(const CategoricalSplit& split, const float* column, Mask& mask) {
    for (int word = 0; word < kMaskWords; ++word) {
      std::uint64_t bits = 0;
      for (int row = 0; row < 64; ++row) {
        const bool left = goes_left(split.sets, split.node, column[word * 64 + row]);
        bits |= std::uint64_t{!left} << row;
      }
      mask.words[word] = bits;
    }
  }

  /// Of a tree that is sliced or walked. \param sums  [outputs, kBlockRows]
  void add_leaves(std::size_t i, const Mask* masks, const float* const* columns,
                  float* sums) const {
    sums += static_cast<std::size_t>(forest_.trees[i].output) * kBlockRows;
    if (const auto* sliced = std::get_if<SlicedTree>(&trees_[i])) {
      steps_.add_tree(sliced->depth, order_.data() + sliced->predicates, masks,
                      leaves_.data() + sliced->leaves, sums);
    } else if (const auto* walked = std::get_if<WalkedTree>(&trees_[i])) {
      add_walked(*walked, columns, sums);
    }
  }

  void add_plain(std::size_t i, const FeatureView& x, float* sums) const {
    const auto& tree = forest_.trees[i];
    sums += static_cast<std::size_t>(tree.output) * kBlockRows;
    for (std::int64_t row = 0; row < x.rows; ++row)
      sums[row] += leaf_of(tree, x, row) * tree.weight;
  }

  Forest forest_;
  const SlicedSteps& steps_;
  std::vector<std::int32_t> features_;    ///< that some tree splits by
  std::vector<std::uint32_t> column_of_;  ///< by feature, among those
  std::vector<int> depths_;               ///< of the trees
  std::map<Key, std::uint32_t> numbers_;  ///< of the predicates
  std::vector<Predicate> predicates_;
  std::vector<Group> groups_;
  std::vector<std::uint32_t> left_of_twin_;
  std::vector<CategoricalSplit> categorical_;
  std::vector<std::uint32_t> order_;
  std::vector<float> leaves_;
  std::vector<std::variant<SlicedTree, WalkedTree, PlainTree>> trees_;
  std::optional<BlockQuestions> questions_;
};

}  // namespace

std::string_view vector_set_name(VectorSet set) {
  static constexpr std::array<std::string_view, 3> kNames{"portable", "avx2", "avx512"};
  return kNames[static_cast<std::size_t>(set)];
}

bool runs_here(VectorSet set) {
  if (set == VectorSet::portable) return true;
#if defined(__x86_64__)
  if (set == VectorSet::avx2) return __builtin_cpu_supports("avx2") != 0;
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
#else
  return false;
#endif
}

VectorSet best_vector_set() {
  if (runs_here(VectorSet::avx512)) return VectorSet::avx512;
  return runs_here(VectorSet::avx2) ? VectorSet::avx2 : VectorSet::portable;
}

std::optional<KernelChoice> kernel_choice(std::string_view name) {
  if (name == "auto") return KernelChoice::automatic;
  if (name == "interpreted") return KernelChoice::interpreted;
  if (name == "compiled") return KernelChoice::compiled;
  if (name == vector_set_name(VectorSet::portable)) return KernelChoice::portable;
  if (name == vector_set_name(VectorSet::avx2)) return KernelChoice::avx2;
  if (name == vector_set_name(VectorSet::avx512)) return KernelChoice::avx512;
  return std::nullopt;
}

std::optional<VectorSet> vector_set_of(KernelChoice choice) {
  switch (choice) {
    case KernelChoice::automatic:
    case KernelChoice::compiled: return best_vector_set();
    case KernelChoice::interpreted: return std::nullopt;
    case KernelChoice::portable: return VectorSet::portable;
    case KernelChoice::avx2: return VectorSet::avx2;
    case KernelChoice::avx512: return VectorSet::avx512;
  }
  return std::nullopt;
}

std::unique_ptr<ForestKernel> make_kernel(Forest forest, VectorSet set) {
  return std::make_unique<Kernel>(std::move(forest), set);
}

}  // namespace quern::codegen
