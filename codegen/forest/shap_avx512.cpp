// The walk with AVX-512 (F, BW, DQ, VL). Only functions of this file that carry the attribute use
// these instructions, and they are called where the machine has them.

#include "codegen/forest/shap_steps.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace quern::codegen {
namespace {

#define QUERN_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
constexpr int kLanes = 16;
using Vector = __m512;
using Choice = __mmask16;
using Index = __m512i;

QUERN_TARGET inline Vector load(const float* from) { return _mm512_load_ps(from); }
QUERN_TARGET inline void store(float* to, Vector x) { _mm512_store_ps(to, x); }
QUERN_TARGET inline Vector broadcast(float x) { return _mm512_set1_ps(x); }
QUERN_TARGET inline Choice choice_of(std::uint64_t bits, int vector) {
  return static_cast<Choice>(bits >> (vector * kLanes));
}
QUERN_TARGET inline Vector choose(Choice by, Vector set, Vector clear) {
  return _mm512_mask_blend_ps(by, clear, set);
}
QUERN_TARGET inline Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
QUERN_TARGET inline Vector multiply(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
QUERN_TARGET inline Vector multiply_add(Vector a, Vector b, Vector c) {
  return _mm512_fmadd_ps(a, b, c);
}
QUERN_TARGET inline Index add_bit(Index index, Choice choice, int bit) {
  return _mm512_mask_or_epi32(index, choice, index, _mm512_set1_epi32(1 << bit));
}
QUERN_TARGET inline Vector look_up(Vector table, Index index) {
  return _mm512_permutexvar_ps(index, table);
}

#include "codegen/forest/shap_walk.h"

}  // namespace

const ShapSteps& avx512_shap() {
  static constexpr ShapSteps kSteps{4, kLanes, explain};
  return kSteps;
}

}  // namespace quern::codegen
#endif
