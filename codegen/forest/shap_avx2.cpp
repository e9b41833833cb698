// The walk with AVX2. Only functions of this file that carry the attribute use these instructions,
// and they are called where the machine has them.

#include "codegen/forest/shap_steps.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace quern::codegen {
namespace {

#define QUERN_TARGET __attribute__((target("avx2")))
constexpr int kLanes = 8;
using Vector = __m256;
/// All bits of a lane.
using Choice = __m256;
using Index = __m256i;

QUERN_TARGET inline Vector load(const float* from) { return _mm256_load_ps(from); }
QUERN_TARGET inline void store(float* to, Vector x) { _mm256_store_ps(to, x); }
QUERN_TARGET inline Vector broadcast(float x) { return _mm256_set1_ps(x); }
QUERN_TARGET inline Choice choice_of(std::uint64_t bits, int vector) {
  const __m256i bit_of_lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const auto byte = static_cast<int>(bits >> (vector * kLanes) & 0xFF);
  const __m256i set = _mm256_and_si256(_mm256_set1_epi32(byte), bit_of_lane);
  return _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, bit_of_lane));
}
QUERN_TARGET inline Vector choose(Choice by, Vector set, Vector clear) {
  return _mm256_blendv_ps(clear, set, by);
}
QUERN_TARGET inline Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
QUERN_TARGET inline Vector multiply(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
/// Not all machines that have AVX2 fuse these.
QUERN_TARGET inline Vector multiply_add(Vector a, Vector b, Vector c) {
  return add(multiply(a, b), c);
}
QUERN_TARGET inline Index add_bit(Index index, Choice choice, int bit) {
  return _mm256_or_si256(
      index, _mm256_and_si256(_mm256_castps_si256(choice), _mm256_set1_epi32(1 << bit)));
}
QUERN_TARGET inline Vector look_up(Vector table, Index index) {
  return _mm256_permutevar8x32_ps(table, index);
}

#include "codegen/forest/shap_walk.h"

}  // namespace

const ShapSteps& avx2_shap() {
  static constexpr ShapSteps kSteps{3, kLanes, explain};
  return kSteps;
}

}  // namespace quern::codegen
#endif
