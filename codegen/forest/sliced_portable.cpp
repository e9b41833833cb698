// The steps in plain C++: 64 rows to a word.

#include "codegen/forest/sliced.h"

namespace quern::codegen {
namespace {

#define QUERN_TARGET
constexpr std::size_t kBits = 64;
using Bits = std::uint64_t;

Bits load_bits(const Mask& mask, std::size_t part) { return mask.words[part]; }
void store_bits(Bits bits, Mask& mask, std::size_t part) { mask.words[part] = bits; }
Bits pick_bits(Bits by, Bits left, Bits right) { return (by & right) | (~by & left); }

template <int kDepth>
void add_leaves(const Mask* numbers, const float* leaves, float* sums) {
  for (int word = 0; word < kMaskWords; ++word) {
    for (int row = 0; row < 64; ++row) {
      std::uint32_t leaf = 0;
      for (int level = 0; level < kDepth; ++level)
        leaf = leaf * 2 + static_cast<std::uint32_t>((numbers[level].words[word] >> row) & 1);
      sums[word * 64 + row] += leaves[leaf];
    }
  }
}

#include "codegen/forest/sliced_network.h"

/// Eight bytes that are 0 or 1 to eight bits.
std::uint64_t pack(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return (word * 0x0102040810204080ULL) >> 56;
}

enum class Test { not_below_or_left, not_below_or_right, missing };

template <Test kTest>
bool test(float x, float threshold) {
  if (kTest == Test::missing) return x != x;
  return kTest == Test::not_below_or_left ? x >= threshold : !(x < threshold);
}

/// The loops are ones that compilers make vectors of.
template <Test kTest>
void compare_one(const float* column, float threshold, Mask& mask) {
  for (int word = 0; word < kMaskWords; ++word) {
    std::uint8_t right[64];
    const float* x = column + std::ptrdiff_t{word} * 64;
    for (int row = 0; row < 64; ++row) right[row] = test<kTest>(x[row], threshold);
    std::uint64_t bits = 0;
    for (int eight = 0; eight < 8; ++eight)
      bits |= pack(right + std::ptrdiff_t{eight} * 8) << (8 * eight);
    mask.words[word] = bits;
  }
}

void compare(const float* column, const Questions& questions, Mask* masks) {
  const auto* predicates = questions.predicates;
  std::size_t i = 0;
  for (; i < questions.lefts; ++i)
    compare_one<Test::not_below_or_left>(column, predicates[i].threshold, masks[i]);
  for (; i < questions.lefts + questions.rights; ++i)
    compare_one<Test::not_below_or_right>(column, predicates[i].threshold, masks[i]);
  if (questions.twins == 0) return;
  Mask missing;
  compare_one<Test::missing>(column, 0, missing);
  answer_twins(questions, missing, masks);
}

}  // namespace

const SlicedSteps& portable_steps() {
  static constexpr SlicedSteps kSteps{512, 64, compare, add_tree, add_picked};
  return kSteps;
}

}  // namespace quern::codegen
