// The steps with AVX2: 256 rows to a register. Only functions of this file that carry the attribute
// use these instructions, and they are called where the machine has them.

#include "codegen/forest/sliced.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace quern::codegen {
namespace {

#define QUERN_TARGET __attribute__((target("avx2")))
constexpr std::size_t kBits = 256;
using Bits = __m256i;

QUERN_TARGET inline Bits load_bits(const Mask& mask, std::size_t part) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(mask.words) + part);
}
QUERN_TARGET inline void store_bits(Bits bits, Mask& mask, std::size_t part) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(mask.words) + part, bits);
}
QUERN_TARGET inline Bits pick_bits(Bits by, Bits left, Bits right) {
  return _mm256_or_si256(_mm256_and_si256(by, right), _mm256_andnot_si256(by, left));
}

/// 32 bits to 32 bytes: `value` where the bit is set.
QUERN_TARGET inline __m256i spread_bits(std::uint32_t bits, std::uint8_t value) {
  const __m256i byte_of_lane =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bit_of_lane = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
  const __m256i bytes =
      _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(bits)), byte_of_lane);
  const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit_of_lane), bit_of_lane);
  return _mm256_and_si256(set, _mm256_set1_epi8(static_cast<char>(value)));
}

template <int kDepth>
QUERN_TARGET void add_leaves(const Mask* numbers, const float* leaves, float* sums) {
  constexpr int kHigh = kDepth > 8 ? kDepth - 8 : 0;
  for (int group = 0; group < kBlockRows / 32; ++group) {
    // The low eight bits of the leaf numbers, a byte to a row; two more for the deepest trees.
    __m256i low = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();
    for (int level = 0; level < kDepth; ++level) {
      const auto bits =
          static_cast<std::uint32_t>(numbers[level].words[group / 2] >> (group % 2 * 32));
      if (level < kHigh)
        high = _mm256_or_si256(
            high, spread_bits(bits, static_cast<std::uint8_t>(1U << (kHigh - 1 - level))));
      else
        low = _mm256_or_si256(
            low, spread_bits(bits, static_cast<std::uint8_t>(1U << (kDepth - 1 - level))));
    }
    alignas(32) std::uint8_t low_bytes[32];
    alignas(32) std::uint8_t high_bytes[32];
    _mm256_store_si256(reinterpret_cast<__m256i*>(low_bytes), low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(high_bytes), high);
    for (int eight = 0; eight < 4; ++eight) {
      const auto* at = low_bytes + std::ptrdiff_t{eight} * 8;
      __m256i leaf = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)));
      if constexpr (kHigh > 0) {
        const auto* above = high_bytes + std::ptrdiff_t{eight} * 8;
        const __m256i more =
            _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(above)));
        leaf = _mm256_or_si256(leaf, _mm256_slli_epi32(more, 8));
      }
      float* sum = sums + std::ptrdiff_t{group} * 32 + std::ptrdiff_t{eight} * 8;
      _mm256_storeu_ps(sum,
                       _mm256_add_ps(_mm256_loadu_ps(sum), _mm256_i32gather_ps(leaves, leaf, 4)));
    }
  }
}

#include "codegen/forest/sliced_network.h"

template <int kHow>
QUERN_TARGET inline void compare_one(const float* column, float threshold, Mask& mask) {
  const __m256 t = _mm256_set1_ps(threshold);
  for (int word = 0; word < kMaskWords; ++word) {
    std::uint64_t bits = 0;
    for (int eight = 0; eight < 8; ++eight) {
      const __m256 x =
          _mm256_loadu_ps(column + std::ptrdiff_t{word} * 64 + std::ptrdiff_t{eight} * 8);
      const auto right = static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(x, t, kHow)));
      bits |= std::uint64_t{right} << (eight * 8);
    }
    mask.words[word] = bits;
  }
}

QUERN_TARGET void compare(const float* column, const Questions& questions, Mask* masks) {
  const auto* predicates = questions.predicates;
  std::size_t i = 0;
  for (; i < questions.lefts; ++i)
    compare_one<_CMP_GE_OQ>(column, predicates[i].threshold, masks[i]);
  for (; i < questions.lefts + questions.rights; ++i)
    compare_one<_CMP_NLT_UQ>(column, predicates[i].threshold, masks[i]);
  if (questions.twins == 0) return;
  Mask missing;
  compare_one<_CMP_UNORD_Q>(column, 0, missing);
  answer_twins(questions, missing, masks);
}

}  // namespace

const SlicedSteps& avx2_steps() {
  static constexpr SlicedSteps kSteps{1024, 256, compare, add_tree, add_picked};
  return kSteps;
}

}  // namespace quern::codegen
#endif
