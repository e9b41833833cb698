#pragma once
// How the Tree SHAP kernel lays a tree out, and the step that differs from one set of instructions
// to the next. Private to codegen/forest.
//
// The oracle (codegen/interpret/shap.cpp) gives each player of a leaf's path its part of the leaf's
// value: an integral over t of the product of all players' factors but its own. All leaves below a
// node share the factors above it, so here one walk through a tree serves all of them, at each of
// the points t of the quadrature:
//
//   down   reach = the product of the factors of the features that split above,
//   up     value = the sum over the leaves below of reach times leaf,
//   part   of the feature that splits: the child's value * (one - zero) / factor,
//
// where one, zero and the factor one * t + zero * (1 - t) are the feature's. A feature that split
// above already changes its factor from the one it had there, and its part of the leaves below,
// which the upper split took for its own, is the difference of both. So what a row does at a split
// is one of three: it goes left, it goes right, or it is off: the split above sent it elsewhere.
// The numbers of each are tabulated beforehand, and 64 rows walk at once, whose answers are one
// word of a predicate's mask.
//
// The last splits before the leaves are the most. A few of them that hang together are a bunch:
// what their answers come to was tabulated for each combination, and is looked up.
//
// Cost: O(nodes * players), where the oracle's is O(leaves * depth^2).

#include <cstdint>
#include <vector>

#include "codegen/forest/aligned_floats.h"
#include "codegen/forest/quadrature.h"
#include "codegen/forest/sliced.h"

namespace quern::codegen {

/// Trees that are deeper are left to the oracle.
inline constexpr int kDeepestShap = 64;
/// Rows that walk at once.
inline constexpr std::ptrdiff_t kShapRows = 64;

/// What a number is for rows that go left, go right, or are off.
struct ByAnswer {
  float left = 0;
  float right = 0;
  float off = 0;
};

/// Numbers of one child of a split at one point; of leaves, sums over those of the split.
struct ShapTerm {
  ByAnswer factor;  ///< what reach is multiplied by; of leaves: times their values
  ByAnswer part;    ///< of a child: times its value; of leaves: times reach
};

/// What a split leads to.
enum class ShapKind : std::uint8_t { two_leaves, one_leaf, no_leaf, bunch };

/// A split or a bunch.
struct ShapNode {
  ShapKind kind = ShapKind::two_leaves;
  std::uint32_t predicate = 0;
  std::uint32_t column = 0;          ///< of the sums: its feature's
  std::int32_t above = -1;           ///< the edge behind the last split by its feature; -1: none
  std::int32_t children[2]{-1, -1};  ///< numbers; -1: a leaf
  std::int32_t source = 0;           ///< of the tree's nodes
  std::uint32_t bunch = 0;           ///< of the bunches
  std::size_t terms = 0;  ///< [points] of the leaves, of the left and of the right child: of those
                          ///< that there are
};

/// Splits whose answers, with which rows are off, pick from tables.
struct ShapBunch {
  static constexpr int kMost = 4;  ///< splits and edges
  int splits = 0;                  ///< in preorder
  int edges = 0;
  int columns = 0;
  std::uint32_t predicate[kMost]{};  ///< of each split: its answer is a bit of the table's index
  std::int8_t place[kMost]{};        ///< of each split's feature among the columns
  std::int8_t from[kMost]{};         ///< of each split: the edge behind the last one by its feature
                                     ///< outside, -1: none
  std::int32_t edge[kMost]{};        ///< whether rows go there are the next bits
  std::uint32_t column[kMost]{};     ///< of the sums
  std::size_t tables = 0;            ///< [1 + columns][points][lanes]: the value, then the parts
};

/// An edge is twice the number of a split, plus 1 to the right.
struct ShapTree {
  std::vector<ShapNode> nodes;  ///< preorder; empty: the tree is one leaf
  std::vector<ShapBunch> bunches;
  Quadrature rule;  ///< exact for the most players of a path
  std::vector<float> weights;
  std::size_t terms = 0;   ///< how many
  std::size_t tables = 0;  ///< floats of them
};

struct ShapTables {
  std::vector<ShapTerm> terms;
  AlignedFloats tables;
};

/// What a walk works in.
struct ShapScratch {
  std::uint64_t* goes;  ///< by edge: rows that go there and are not off
  float* levels;        ///< [depth + 1][2][points][kShapRows], aligned to 64 bytes
};

struct ShapSteps {
  /// Splits and edges that a bunch may have; below 2: there are none.
  int bunch_bits;
  /// Floats of a table.
  std::size_t lanes;
  /// Adds the attributions of 64 rows, those of a word of the masks, to sums [columns][kShapRows],
  /// aligned to 64 bytes.
  void (*explain)(const ShapTree& tree, const ShapTables& tables, const Mask* masks, int word,
                  const ShapScratch& scratch, float* sums);
};

const ShapSteps& portable_shap();
#if defined(__x86_64__)
const ShapSteps& avx2_shap();
const ShapSteps& avx512_shap();
#endif

}  // namespace quern::codegen
