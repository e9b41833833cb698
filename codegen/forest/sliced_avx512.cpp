// The steps with AVX-512 (F, BW, DQ, VL): 512 rows to a register. Only functions of this file that
// carry the attribute use these instructions, and they are called where the machine has them.

#include "codegen/forest/sliced.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace quern::codegen {
namespace {

#define QUERN_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
constexpr std::size_t kBits = 512;
using Bits = __m512i;

QUERN_TARGET inline Bits load_bits(const Mask& mask, std::size_t /*part*/) {
  return _mm512_load_si512(mask.words);
}
QUERN_TARGET inline void store_bits(Bits bits, Mask& mask, std::size_t /*part*/) {
  _mm512_store_si512(mask.words, bits);
}
QUERN_TARGET inline Bits pick_bits(Bits by, Bits left, Bits right) {
  return _mm512_ternarylogic_epi64(by, right, left, 0xCA);
}

/// The leaves of 16 rows: out of 2^kHigh tables, which the high bits of the numbers pick from.
template <int kHigh>
QUERN_TARGET inline __m512 look_up(const float* leaves, __m512i low, const std::uint64_t* high,
                                   int shift) {
  if constexpr (kHigh == 0) {
    return _mm512_permutex2var_ps(_mm512_loadu_ps(leaves), low, _mm512_loadu_ps(leaves + 16));
  } else {
    constexpr std::ptrdiff_t kHalf = std::ptrdiff_t{kLeafTable} << (kHigh - 1);
    const __m512 left = look_up<kHigh - 1>(leaves, low, high + 1, shift);
    const __m512 right = look_up<kHigh - 1>(leaves + kHalf, low, high + 1, shift);
    return _mm512_mask_blend_ps(static_cast<__mmask16>(high[0] >> shift), left, right);
  }
}

/// Depths up to this look leaves up in registers, deeper ones in memory.
constexpr int kInRegisters = 7;

template <int kDepth>
QUERN_TARGET inline __m512 leaves_of(const float* leaves, const std::uint8_t* low,
                                     const std::uint64_t* high, int shift) {
  constexpr int kHigh = kDepth > 5 ? kDepth - 5 : 0;
  __m512i number =
      _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(low + shift)));
  if constexpr (kDepth <= kInRegisters) {
    return look_up<kHigh>(leaves, number, high, shift);
  } else {
    for (int level = 0; level < kHigh; ++level) {
      number = _mm512_mask_or_epi32(number, static_cast<__mmask16>(high[level] >> shift), number,
                                    _mm512_set1_epi32(1 << (kDepth - 1 - level)));
    }
    return _mm512_i32gather_ps(number, leaves, 4);
  }
}

template <int kDepth>
QUERN_TARGET void add_leaves(const Mask* numbers, const float* leaves, float* sums) {
  constexpr int kHigh = kDepth > 5 ? kDepth - 5 : 0;
  for (int word = 0; word < kMaskWords; ++word) {
    // The low five bits of the leaf numbers of 64 rows, a byte to a row; the others as they are.
    __m512i low = _mm512_setzero_si512();
    for (int level = kHigh; level < kDepth; ++level) {
      const auto bit = static_cast<char>(1 << (kDepth - 1 - level));
      low = _mm512_or_si512(low, _mm512_maskz_set1_epi8(numbers[level].words[word], bit));
    }
    alignas(64) std::uint8_t bytes[64];
    _mm512_store_si512(bytes, low);
    std::uint64_t high[kHigh + 1];
    for (int level = 0; level < kHigh; ++level) high[level] = numbers[level].words[word];
    for (int shift = 0; shift < 64; shift += 16) {
      float* sum = sums + std::ptrdiff_t{word} * 64 + shift;
      _mm512_storeu_ps(
          sum, _mm512_add_ps(_mm512_loadu_ps(sum), leaves_of<kDepth>(leaves, bytes, high, shift)));
    }
  }
}

#include "codegen/forest/sliced_network.h"

/// Answers to `kMany` predicates of one kind at once: each 16 values are loaded once for all of
/// them.
template <int kHow, std::size_t kMany>
QUERN_TARGET inline void compare_some(const float* column, const Predicate* predicates,
                                      Mask* masks) {
  __m512 thresholds[kMany];
  for (std::size_t i = 0; i < kMany; ++i) thresholds[i] = _mm512_set1_ps(predicates[i].threshold);
  for (int sixteen = 0; sixteen < kBlockRows / 16; ++sixteen) {
    const __m512 x = _mm512_loadu_ps(column + std::ptrdiff_t{sixteen} * 16);
    for (std::size_t i = 0; i < kMany; ++i) {
      const __mmask16 right = _mm512_cmp_ps_mask(x, thresholds[i], kHow);
      _store_mask16(reinterpret_cast<__mmask16*>(masks[i].words) + sixteen, right);
    }
  }
}

template <int kHow>
QUERN_TARGET inline void compare_all(const float* column, const Predicate* predicates,
                                     std::size_t count, Mask* masks) {
  constexpr std::size_t kMany = 8;
  std::size_t i = 0;
  for (; i + kMany <= count; i += kMany)
    compare_some<kHow, kMany>(column, predicates + i, masks + i);
  for (; i < count; ++i) compare_some<kHow, 1>(column, predicates + i, masks + i);
}

QUERN_TARGET void compare(const float* column, const Questions& questions, Mask* masks) {
  const auto* rights = questions.predicates + questions.lefts;
  compare_all<_CMP_GE_OQ>(column, questions.predicates, questions.lefts, masks);
  compare_all<_CMP_NLT_UQ>(column, rights, questions.rights, masks + questions.lefts);
  if (questions.twins == 0) return;
  const Predicate none;
  Mask missing;
  compare_some<_CMP_UNORD_Q, 1>(column, &none, &missing);
  answer_twins(questions, missing, masks);
}

}  // namespace

const SlicedSteps& avx512_steps() {
  static constexpr SlicedSteps kSteps{2048, 512, compare, add_tree, add_picked};
  return kSteps;
}

}  // namespace quern::codegen
#endif
