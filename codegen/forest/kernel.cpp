// The bit-sliced kernel: see sliced.h for how it works. This file makes its tables and drives the
// blocks.

#include "codegen/forest/kernel.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "codegen/forest/picked.h"
#include "codegen/forest/predicates.h"
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
constexpr std::size_t kMostPadding = 4;
/// Trees up to this depth are completed whatever they have.
constexpr int kAlwaysSliced = 6;
/// Trees that are deeper are not picked.
constexpr int kDeepestPicked = 256;
std::size_t leaves_of(const Tree& tree) { return tree.nodes.size() / 2 + 1; }

bool has_categories(const Tree& tree) {
  return std::any_of(tree.nodes.begin(), tree.nodes.end(),
                     [](const Node& node) { return node.left != -1 && node.categorical; });
}

/// A tree that neither way is made for.
struct PlainTree {};

class Kernel final : public ForestKernel {
 public:
  Kernel(Forest forest, VectorSet set, TreeForm form)
      : forest_(std::move(forest)),
        form_(form),
        steps_(sliced_steps(set)),
        columns_(forest_),
        most_picked_(steps_.most_picked) {
    find_predicates();
    for (std::size_t i = 0; i < forest_.trees.size(); ++i) add_tree(i);
    list_questions();
  }

  TreeWays ways() const override {
    return {.form = form_,
            .sliced = count<SlicedTree>(),
            .picked = count<PickedTree>(),
            .walked = count<WalkedTree>(),
            .plain = count<PlainTree>()};
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
  /// What one call works in.
  struct Scratch {
    explicit Scratch(const Kernel& kernel)
        : values(kernel.columns_.make_values()),
          masks(std::make_unique_for_overwrite<Mask[]>(kernel.masks())),
          sums(static_cast<std::size_t>(kernel.forest_.outputs) * kBlockRows) {}
    BlockColumns::Values values;
    std::unique_ptr<Mask[]> masks;
    std::vector<float> sums;  ///< [outputs, kBlockRows]
  };

  /// Those of the predicates, and the room that picks need.
  std::size_t masks() const { return predicates_.size() + room_; }

  /// Whether leaves get numbers, which masks of predicates are the bits of.
  bool is_numbered(const Tree& tree, int depth) const {
    if (form_ == TreeForm::walked) return false;
    return depth <= kAlwaysSliced || (depth <= kDeepestPicked && leaves_of(tree) <= most_picked_);
  }

  /// \param tree  is numbered.
  static bool is_sliced(const Tree& tree, int depth) {
    return depth <= kAlwaysSliced ||
           (depth <= kDeepestSliced && (std::size_t{1} << depth) <= kMostPadding * leaves_of(tree));
  }

  void find_predicates() {
    for (const auto& tree : forest_.trees) depths_.push_back(depth_of(tree));
    const auto splits = add_predicates();
    if (predicates_.size() * 4 > splits) {
      most_picked_ = steps_.most_unshared;
      predicates_ = {};
      add_predicates();
    }
    predicates_.number();
  }

  /// Adds those of trees that are numbered, whose splits it counts.
  std::size_t add_predicates() {
    std::size_t splits = 0;
    for (std::size_t i = 0; i < forest_.trees.size(); ++i) {
      const auto& tree = forest_.trees[i];
      if (!is_numbered(tree, depths_[i])) continue;
      splits += leaves_of(tree) - 1;
      predicates_.add(tree);
    }
    return splits;
  }

  void add_tree(std::size_t i) {
    const auto& tree = forest_.trees[i];
    const bool numbered = is_numbered(tree, depths_[i]);
    if (numbered && is_sliced(tree, depths_[i])) {
      trees_.emplace_back(slice(tree, depths_[i]));
    } else if (numbered) {
      trees_.emplace_back(make_picked(tree, predicates_));
      room_ = std::max(room_, std::get<PickedTree>(trees_.back()).masks);
    } else if (has_categories(tree)) {
      trees_.emplace_back(PlainTree{});
    } else {
      trees_.emplace_back(make_walked(tree, columns_.of_features()));
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
    order_[out.predicates + (std::size_t{1} << level) - 1 + path] = predicates_.number_of(tree, at);
    complete(tree, static_cast<std::size_t>(at.left), level + 1, path * 2, out);
    complete(tree, static_cast<std::size_t>(at.right), level + 1, path * 2 + 1, out);
  }

  /// For who answers in the kernel's place, where no tree needs the oracle.
  void list_questions() {
    if (forest_.outputs > kMostOutputs || count<PlainTree>() > 0) return;
    questions_.emplace(BlockQuestions{
        .masks = masks(), .columns = columns_.features(), .reads_values = count<WalkedTree>() > 0});
    predicates_.list(*questions_);
  }

  template <typename Kind>
  std::int64_t count() const {
    return std::count_if(trees_.begin(), trees_.end(),
                         [](const auto& tree) { return std::holds_alternative<Kind>(tree); });
  }

  void score_block(const FeatureView& x, std::span<float> out, BaseMargins base,
                   Scratch& scratch) const {
    columns_.load(x, scratch.values);
    const auto* columns = scratch.values.columns.data();
    predicates_.answer(steps_, columns_, columns, scratch.masks.get());
    fill_constants(scratch.masks.get());
    begin_sums(x.rows, base, scratch.sums.data());
    for (std::size_t i = 0; i < trees_.size(); ++i) {
      if (std::holds_alternative<PlainTree>(trees_[i]))
        add_plain(i, x, scratch.sums.data());
      else
        add_leaves(i, scratch.masks.get(), columns, scratch.sums.data());
    }
    end_sums(x.rows, scratch.sums.data(), out);
  }

  void score_answered(const AnsweredBlock& block, std::span<float> out,
                      BaseMargins base) const override {
    std::vector<const float*> columns(questions_->columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = block.columns + c * kBlockRows;
    predicates_.answer(steps_, columns_, columns.data(), block.masks, block.answered);
    fill_constants(block.masks);
    begin_sums(block.rows, base, block.sums);
    for (std::size_t i = 0; i < trees_.size(); ++i)
      add_leaves(i, block.masks, columns.data(), block.sums);
    end_sums(block.rows, block.sums, out);
  }

  /// The masks of zeros and of ones; see PickedTree.
  void fill_constants(Mask* masks) const {
    if (room_ == 0) return;
    for (auto& word : masks[predicates_.size()].words) word = 0;
    for (auto& word : masks[predicates_.size() + 1].words) word = ~std::uint64_t{0};
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

  /// Of a tree that is not plain. \param sums  [outputs, kBlockRows]
  void add_leaves(std::size_t i, Mask* masks, const float* const* columns, float* sums) const {
    sums += static_cast<std::size_t>(forest_.trees[i].output) * kBlockRows;
    if (const auto* sliced = std::get_if<SlicedTree>(&trees_[i])) {
      steps_.add_tree(sliced->depth, order_.data() + sliced->predicates, masks,
                      leaves_.data() + sliced->leaves, sums);
    } else if (const auto* picked = std::get_if<PickedTree>(&trees_[i])) {
      steps_.add_picked(*picked, masks, sums);
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
  TreeForm form_;
  const SlicedSteps& steps_;
  BlockColumns columns_;
  Predicates predicates_;    ///< of the trees that are sliced or picked
  std::size_t most_picked_;  ///< leaves of a tree
  std::size_t room_ = 0;     ///< masks behind those of the predicates
  std::vector<int> depths_;  ///< of the trees
  std::vector<std::uint32_t> order_;
  std::vector<float> leaves_;
  std::vector<std::variant<SlicedTree, PickedTree, WalkedTree, PlainTree>> trees_;
  std::optional<BlockQuestions> questions_;
};

}  // namespace

const SlicedSteps& sliced_steps([[maybe_unused]] VectorSet set) {
#if defined(__x86_64__)
  if (set == VectorSet::avx512) return avx512_steps();
  if (set == VectorSet::avx2) return avx2_steps();
#endif
  return portable_steps();
}

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
  if (name == "walked") return KernelChoice::walked;
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
    case KernelChoice::walked:
    case KernelChoice::portable: return VectorSet::portable;
    case KernelChoice::avx2: return VectorSet::avx2;
    case KernelChoice::avx512: return VectorSet::avx512;
  }
  return std::nullopt;
}

std::string tree_words(const TreeWays& ways) {
  std::string out;
  const auto add = [&](std::int64_t trees, const char* how) {
    if (trees > 0) out += (out.empty() ? "" : ", ") + std::to_string(trees) + how;
  };
  add(ways.sliced, " sliced");
  add(ways.picked, " picked (irregular)");
  const bool chosen = ways.form == TreeForm::walked;
  add(ways.walked, chosen ? " walked" : " walked (too deep or too wide for masks)");
  add(ways.plain, chosen ? " walked one row after another (with categories)"
                         : " walked one row after another (too deep or too wide, with categories)");
  return out;
}

TreeForm tree_form_of(KernelChoice choice) {
  return choice == KernelChoice::walked ? TreeForm::walked : TreeForm::best;
}

std::unique_ptr<ForestKernel> make_kernel(Forest forest, VectorSet set, TreeForm form) {
  return std::make_unique<Kernel>(std::move(forest), set, form);
}

}  // namespace quern::codegen
