#pragma once
// A forest for one row at a time. Where a tree waits for memory at each of its levels, the others
// of its group do not: several trees go down side by side.

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "codegen/forest/forest.h"

namespace quern::codegen {

/// Threads: const, re-entrant. Allocates nothing when it scores.
class RowForest {
 public:
  explicit RowForest(Forest forest);

  const Forest& forest() const { return forest_; }
  /// Adds each tree's leaf to its output's sum, in the order of the trees: as predict_margins(),
  /// bit by bit. \param x  [forest.features] \param room  [2 * forest.features], overwritten \param
  /// sums  [forest.outputs], the first margins.
  void add(const float* x, float* room, std::span<float> sums) const;

  /// A node of a tree that is filled up to its depth: the children of node i are 2i + 1 and 2i + 2.
  struct FullNode {
    float threshold = 0;
    std::uint32_t feature = 0;  ///< twice; odd where NaN goes left
  };

 private:
  static constexpr std::size_t kSide =
      8;                              ///< trees that go down together: as many as have a register
  static constexpr int kDeepest = 8;  ///< of trees that are filled up

  /// Trees of one depth that follow one another; `depth` -1: one that is walked node by node.
  struct Group {
    std::size_t first = 0;  ///< tree
    std::size_t trees = 0;
    int depth = 0;
    std::size_t nodes = 0;   ///< where its trees begin in nodes_
    std::size_t leaves = 0;  ///< and in leaves_
  };

  void add_group(const Group& group, const float* x, const float* decided,
                 std::span<float> sums) const;
  template <int kDepth>
  void add_full(const Group& group, const float* decided, std::span<float> sums) const;
  void fill(const Tree& tree, int depth);

  Forest forest_;
  std::vector<Group> groups_;
  std::vector<FullNode> nodes_;
  std::vector<float> leaves_;
};

}  // namespace quern::codegen
