// The steps with AVX2 and FMA. Only functions of this file that carry the attribute use these
// instructions, and they are called where the machine has them.

#include "codegen/network/steps.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace quern::codegen {
namespace {

#define QUERN_TARGET __attribute__((target("avx2,fma")))
constexpr int kLanes = 8;
/// Sums held at a time: outputs times vectors of rows, and vectors of a row.
constexpr int kOutputsTogether = 4;
constexpr int kTogether = 2;
constexpr int kRowVectors = 8;
using Vector = __m256;
typedef int Integers __attribute__((vector_size(32)));

QUERN_TARGET inline Vector load(const float* from) { return _mm256_loadu_ps(from); }
QUERN_TARGET inline void store(float* to, Vector x) { _mm256_storeu_ps(to, x); }
QUERN_TARGET inline Vector broadcast(float x) { return _mm256_set1_ps(x); }
QUERN_TARGET inline Vector fuse(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }

#include "codegen/network/steps_functions.h"
#include "codegen/network/steps_multiply.h"

}  // namespace

const NetworkSteps& avx2_network() {
  static constexpr NetworkSteps kSteps{multiply, multiply_row, activate};
  return kSteps;
}

}  // namespace quern::codegen
#endif
