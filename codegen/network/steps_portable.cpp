// The steps for every machine, in vectors of four.

#include <cstring>

#include "codegen/network/steps.h"

namespace quern::codegen {
namespace {

#define QUERN_TARGET
constexpr int kLanes = 4;
/// Sums held at a time: outputs times vectors of rows, and vectors of a row.
constexpr int kOutputsTogether = 4;
constexpr int kTogether = 2;
constexpr int kRowVectors = 8;
typedef float Vector __attribute__((vector_size(16)));
typedef int Integers __attribute__((vector_size(16)));

inline Vector load(const float* from) {
  Vector out;
  std::memcpy(&out, from, sizeof out);
  return out;
}
inline void store(float* to, Vector x) { std::memcpy(to, &x, sizeof x); }
inline Vector broadcast(float x) { return Vector{x, x, x, x}; }
/// Rounds twice where the machine does not fuse.
inline Vector fuse(Vector a, Vector b, Vector c) { return a * b + c; }

#include "codegen/network/steps_functions.h"
#include "codegen/network/steps_multiply.h"

}  // namespace

const NetworkSteps& portable_network() {
  static constexpr NetworkSteps kSteps{multiply, multiply_row, activate};
  return kSteps;
}

const NetworkSteps& network_steps(VectorSet set) {
#if defined(__x86_64__)
  if (set == VectorSet::avx512) return avx512_network();
  // A few machines have AVX2 without FMA.
  if (set == VectorSet::avx2 && __builtin_cpu_supports("fma") != 0) return avx2_network();
#else
  static_cast<void>(set);
#endif
  return portable_network();
}

}  // namespace quern::codegen
