#pragma once
// How the bit-sliced kernel lays a forest out, and the steps that differ from one set of
// instructions to the next. Private to codegen/forest.
//
// Rows go through in blocks of 512. Trees that were grown on histograms ask few different
// questions, so each distinct question ("is feature 3 not below 0.5?") is asked once per block: its
// answers for 512 rows are one mask of 512 bits. A complete tree of depth d then is a network that
// picks bits: the first bit of the leaf's number is the root's answer; it picks which of the two
// answers of the next level is the second bit, and so on. What comes out are d masks, the leaf
// numbers of 512 rows cut into slices. Other trees are lists of such picks. Leaves are looked up by
// number and added to the rows' sums, tree by tree in their order, so that the sums are XGBoost's
// to the last bit.

#include <cstdint>
#include <vector>

#include "codegen/forest/block.h"
#include "codegen/forest/kernel.h"

namespace quern::codegen {

/// Trees that are deeper, or far from complete, are picked or walked instead.
inline constexpr int kDeepestSliced = 10;
/// Leaves have numbers of at most so many bits.
inline constexpr int kMostLeafBits = 11;
/// Leaves are looked up in tables of so many.
inline constexpr int kLeafTable = 32;

/// Is a value not below the threshold?
struct Predicate {
  float threshold = 0;
};

struct SlicedTree {
  int depth = 0;               ///< 0: one leaf
  std::size_t predicates = 0;  ///< into SlicedForest::order: 2^depth - 1, the root first, by level
  std::size_t leaves = 0;  ///< into SlicedForest::leaves: 2^depth, or kLeafTable if that is more
};

/// masks[to] becomes masks[right] where masks[by] has a bit, else masks[left].
struct Pick {
  std::uint32_t by;
  std::uint32_t left;
  std::uint32_t right;
  std::uint32_t to;
};

/// A tree of any shape. Its masks are those of the predicates, then one of zeros, one of ones, and
/// those that picks write.
struct PickedTree {
  std::vector<Pick> picks;
  std::vector<std::uint32_t> planes;  ///< masks of the leaf number's bits, the highest first
  std::vector<float> leaves;          ///< 2^planes, or kLeafTable if that is more
  std::size_t masks = 0;              ///< behind the predicates'
};

/// All that is asked of one numeric feature, in this order: whether a value is not below a
/// threshold with NaN on the left; the same with NaN on the right, of thresholds that were not
/// asked about before; and of thresholds that were: those need no comparison.
struct Questions {
  const Predicate* predicates = nullptr;
  std::size_t lefts = 0;
  std::size_t rights = 0;
  std::size_t twins = 0;
  const std::uint32_t* left_of_twin = nullptr;  ///< places among the lefts
};

/// A step over one block. Shapes: columns and sums [kBlockRows], masks one for each predicate.
struct SlicedSteps {
  /// Leaves up to which trees are picked: beyond, it takes longer than to walk.
  std::size_t most_picked;
  /// The same where few splits share a predicate, which then costs more than the picks do.
  std::size_t most_unshared;
  /// The answers to the questions about one feature.
  void (*compare)(const float* column, const Questions& questions, Mask* masks);
  /// Adds each row's leaf to its sum.
  void (*add_tree)(int depth, const std::uint32_t* order, const Mask* masks, const float* leaves,
                   float* sums);
  /// The same of a tree that is picked. \param masks  all of them.
  void (*add_picked)(const PickedTree& tree, Mask* masks, float* sums);
};

/// Answers the twins: what the lefts said, or NaN. \param missing  the rows that are NaN.
inline void answer_twins(const Questions& questions, const Mask& missing, Mask* masks) {
  Mask* out = masks + questions.lefts + questions.rights;
  for (std::size_t i = 0; i < questions.twins; ++i) {
    const Mask& left = masks[questions.left_of_twin[i]];
    for (int word = 0; word < kMaskWords; ++word)
      out[i].words[word] = left.words[word] | missing.words[word];
  }
}

/// The steps of a set of instructions.
const SlicedSteps& sliced_steps(VectorSet set);

const SlicedSteps& portable_steps();
#if defined(__x86_64__)
const SlicedSteps& avx2_steps();
const SlicedSteps& avx512_steps();
#endif

}  // namespace quern::codegen
