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

void compare(const float* column, const Predicate* predicates, std::size_t count, Mask* masks) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto threshold = predicates[i].threshold;
    for (int word = 0; word < kMaskWords; ++word) {
      std::uint64_t bits = 0;
      const float* x = column + std::ptrdiff_t{word} * 64;
      for (int row = 0; row < 64; ++row) {
        const bool right = predicates[i].default_left ? x[row] >= threshold : !(x[row] < threshold);
        bits |= static_cast<std::uint64_t>(right) << row;
      }
      masks[i].words[word] = bits;
    }
  }
}

}  // namespace

const SlicedSteps& portable_steps() {
  static constexpr SlicedSteps kSteps{compare, add_tree};
  return kSteps;
}

}  // namespace quern::codegen
