// Makes the tables of the Tree SHAP kernel and drives the blocks.

#include "codegen/forest/shap_kernel.h"

#include <algorithm>
#include <vector>

#include "codegen/forest/predicates.h"
#include "codegen/forest/routing.h"
#include "codegen/forest/shap_tables.h"

namespace quern::codegen {
namespace {

/// Trees whose attributions are summed in float32 before they are added to the others in double.
constexpr std::size_t kTreesTogether = 64;

const ShapSteps& steps_of([[maybe_unused]] VectorSet set) {
#if defined(__x86_64__)
  if (set == VectorSet::avx512) return avx512_shap();
  if (set == VectorSet::avx2) return avx2_shap();
#endif
  return portable_shap();
}

class Kernel final : public ShapKernel {
 public:
  Kernel(const Forest& forest, const TreeShap& oracle, VectorSet set, std::size_t most_tables)
      : forest_(forest),
        oracle_(oracle),
        compare_(sliced_steps(set)),
        steps_(steps_of(set)),
        columns_(forest),
        expected_(static_cast<std::size_t>(forest.outputs)) {
    for (std::size_t t = 0; t < forest.trees.size(); ++t) {
      const auto& tree = forest.trees[t];
      expected_[static_cast<std::size_t>(tree.output)] += oracle.expected(t);
      if (depth_of(tree) <= kDeepestShap) predicates_.add(tree);
    }
    predicates_.number();
    for (std::size_t t = 0; t < forest.trees.size(); ++t) add_tree(t, most_tables);
  }

  void explain(const FeatureView& x, std::span<double> out, BaseMargins base) const override {
    Scratch scratch(*this);
    const auto width = oracle_.width();
    const auto outputs = static_cast<std::size_t>(forest_.outputs);
    for (std::int64_t begin = 0; begin < x.rows; begin += kBlockRows) {
      FeatureView block = x;
      block.data += begin * x.row_stride;
      block.rows = std::min<std::int64_t>(kBlockRows, x.rows - begin);
      const auto first = static_cast<std::size_t>(begin);
      const auto rows = static_cast<std::size_t>(block.rows);
      explain_block(block, out.subspan(first * width, rows * width),
                    base.empty() ? base : base.subspan(first * outputs, rows * outputs), scratch);
    }
  }

 private:
  /// Trees of one output that are summed together.
  struct Group {
    std::int32_t output;
    std::vector<std::size_t> trees;
    SumColumns columns;
  };

  struct Made {
    ShapTree tree;
    ShapTables tables;  ///< empty: made when needed
  };

  /// What one call works in.
  struct Scratch {
    explicit Scratch(const Kernel& kernel)
        : values(kernel.columns_.make_values()),
          masks(kernel.predicates_.size()),
          goes(2 * kernel.most_nodes_),
          levels(kernel.most_levels_),
          sums(kernel.most_columns_ * kBlockRows) {}
    BlockColumns::Values values;
    std::vector<Mask> masks;
    std::vector<std::uint64_t> goes;
    AlignedFloats levels;
    AlignedFloats sums;  ///< [words, columns, kShapRows]
    ShapTables tables;
  };

  void add_tree(std::size_t t, std::size_t most_tables) {
    const auto& tree = forest_.trees[t];
    trees_.emplace_back();
    const auto depth = depth_of(tree);
    if (depth > kDeepestShap) return deep_.push_back(t);
    auto& group = group_of(tree.output);
    group.trees.push_back(t);
    const auto& routes = oracle_.routes(t);
    auto& made = trees_.back();
    made.tree = lay_out(tree, routes, predicates_, group.columns, steps_.bunch_bits, steps_.lanes);
    if (table_bytes_ + bytes_of(made.tree) <= most_tables) {
      table_bytes_ += bytes_of(made.tree);
      tabulate(made.tree, tree, routes, steps_.lanes, made.tables);
    } else {
      // Bunches would take too long to be made again and again.
      made.tree = lay_out(tree, routes, predicates_, group.columns, 0, steps_.lanes);
    }
    most_nodes_ = std::max(most_nodes_, made.tree.nodes.size());
    most_columns_ = std::max(most_columns_, group.columns.features.size());
    most_levels_ = std::max(most_levels_, static_cast<std::size_t>(2 * (depth + 1) * kShapRows) *
                                              made.tree.weights.size());
  }

  static std::size_t bytes_of(const ShapTree& tree) {
    return tree.terms * sizeof(ShapTerm) + tree.tables * sizeof(float);
  }

  /// The group that the next tree of an output belongs to.
  Group& group_of(std::int32_t output) {
    const auto last = std::find_if(groups_.rbegin(), groups_.rend(),
                                   [&](const Group& group) { return group.output == output; });
    if (last != groups_.rend() && last->trees.size() < kTreesTogether) return *last;
    return groups_.emplace_back(Group{output, {}, {}});
  }

  void explain_block(const FeatureView& x, std::span<double> out, BaseMargins base,
                     Scratch& scratch) const {
    columns_.load(x, scratch.values);
    predicates_.answer(compare_, columns_, scratch.values.columns.data(), scratch.masks.data());
    begin_rows(x.rows, out, base);
    for (const auto& group : groups_) {
      scratch.sums.clear();
      for (const auto t : group.trees)
        explain_tree(t, group.columns.features.size(), x.rows, scratch);
      add_sums(group, x.rows, scratch.sums.data(), out);
    }
    for (const auto t : deep_) explain_deep(t, x, out);
  }

  /// Nothing but the expected margins.
  void begin_rows(std::int64_t rows, std::span<double> out, BaseMargins base) const {
    std::fill(out.begin(), out.end(), 0.0);
    const auto features = static_cast<std::size_t>(forest_.features);
    auto bias = features;
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto first = first_margins(forest_, base, row);
      for (std::size_t o = 0; o < expected_.size(); ++o, bias += features + 1)
        out[bias] = first[o] + expected_[o];
    }
  }

  void explain_tree(std::size_t t, std::size_t columns, std::int64_t rows, Scratch& scratch) const {
    const auto& made = trees_[t];
    if (made.tree.nodes.empty()) return;
    const auto* tables = &made.tables;
    if (tables->terms.empty() && tables->tables.empty()) {
      tabulate(made.tree, forest_.trees[t], oracle_.routes(t), steps_.lanes, scratch.tables);
      tables = &scratch.tables;
    }
    float* sums = scratch.sums.data();
    for (int word = 0; word * kShapRows < rows; ++word) {
      steps_.explain(made.tree, *tables, scratch.masks.data(), word,
                     {scratch.goes.data(), scratch.levels.data()}, sums);
      sums += columns * kShapRows;
    }
  }

  void add_sums(const Group& group, std::int64_t rows, const float* sums,
                std::span<double> out) const {
    const auto width = oracle_.width();
    const auto first =
        static_cast<std::size_t>(group.output) * (static_cast<std::size_t>(forest_.features) + 1);
    for (std::int64_t begin = 0; begin < rows; begin += kShapRows) {
      const auto end = std::min<std::int64_t>(begin + kShapRows, rows);
      for (const auto feature : group.columns.features) {
        double* to = out.data() + static_cast<std::size_t>(begin) * width + first +
                     static_cast<std::size_t>(feature);
        for (std::int64_t row = begin; row < end; ++row, to += width) *to += sums[row - begin];
        sums += kShapRows;
      }
    }
  }

  void explain_deep(std::size_t t, const FeatureView& x, std::span<double> out) const {
    const auto features = static_cast<std::size_t>(forest_.features);
    auto first = static_cast<std::size_t>(forest_.trees[t].output) * (features + 1);
    for (std::int64_t row = 0; row < x.rows; ++row, first += oracle_.width())
      oracle_.add_tree(t, x, row, out.subspan(first, features));
  }

  const Forest& forest_;
  const TreeShap& oracle_;
  const SlicedSteps& compare_;
  const ShapSteps& steps_;
  BlockColumns columns_;
  Predicates predicates_;
  std::vector<double> expected_;  ///< by output, without what rows begin with
  std::vector<Made> trees_;
  std::vector<Group> groups_;
  std::vector<std::size_t> deep_;  ///< trees that are the oracle's
  std::size_t table_bytes_ = 0;
  std::size_t most_nodes_ = 0;
  std::size_t most_levels_ = 0;
  std::size_t most_columns_ = 0;
};

}  // namespace

std::unique_ptr<ShapKernel> make_shap_kernel(const Forest& forest, const TreeShap& oracle,
                                             VectorSet set, std::size_t most_tables) {
  return std::make_unique<Kernel>(forest, oracle, set, most_tables);
}

}  // namespace quern::codegen
