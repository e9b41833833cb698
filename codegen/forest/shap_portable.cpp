// The walk in plain C++, with the vectors of four floats that compilers of every machine know.

#include <cstring>

#include "codegen/forest/shap_steps.h"

namespace quern::codegen {
namespace {

#define QUERN_TARGET
constexpr int kLanes = 4;
using Vector = float __attribute__((vector_size(16)));
/// All bits of a lane.
using Choice = std::int32_t __attribute__((vector_size(16)));

Vector load(const float* from) {
  Vector x;
  std::memcpy(&x, from, sizeof x);
  return x;
}
void store(float* to, Vector x) { std::memcpy(to, &x, sizeof x); }
Vector broadcast(float x) { return Vector{x, x, x, x}; }
Choice choice_of(std::uint64_t bits, int vector) {
  const auto four = static_cast<std::int32_t>(bits >> (vector * kLanes) & 0xF);
  return (Choice{four, four, four, four} & Choice{1, 2, 4, 8}) != Choice{};
}
Vector choose(Choice by, Vector set, Vector clear) { return by ? set : clear; }
Vector add(Vector a, Vector b) { return a + b; }
Vector multiply(Vector a, Vector b) { return a * b; }
Vector multiply_add(Vector a, Vector b, Vector c) { return a * b + c; }
/// Bunches are not made: machines differ too much in how they look up.
using Index = Choice;
Index add_bit(Index index, Choice choice, int bit) {
  return index | (choice & Choice{1 << bit, 1 << bit, 1 << bit, 1 << bit});
}
Vector look_up(Vector table, Index index) {
  return Vector{table[index[0]], table[index[1]], table[index[2]], table[index[3]]};
}

#include "codegen/forest/shap_walk.h"

}  // namespace

const ShapSteps& portable_shap() {
  static constexpr ShapSteps kSteps{0, kLanes, explain};
  return kSteps;
}

}  // namespace quern::codegen
