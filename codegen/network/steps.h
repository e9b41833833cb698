#pragma once
// What the kernel of networks is made of, and the steps that differ from one set of instructions to
// the next. Private to codegen/network.
//
// A block of rows lies in columns: value i of row r at [i * kStride + r], so that one vector holds
// one value of several rows, and the feature matrix is read as it comes. A row alone lies as it is,
// and one vector then holds several outputs. Weights are packed once, in tiles of 16 outputs, which
// serve both: a tile has 16 weights for each input. Both ways add up each output in the same order
// with the same instructions, so that a row has the same bits alone and in a block.

#include <cstdint>
#include <vector>

#include "codegen/forest/aligned_floats.h"
#include "codegen/forest/kernel.h"
#include "compiler/ir/network_layers.h"

namespace quern::codegen {

/// Rows of a block, and elements from a value to the next.
inline constexpr std::int64_t kStride = 64;
/// Outputs of a tile. Vectors of every set divide it, and rows of a block are filled up to it.
inline constexpr std::int32_t kTile = 16;

/// The weights of a linear layer.
struct PackedWeights {
  std::int32_t inputs = 0;
  std::int32_t outputs = 0;
  AlignedFloats weights{};  ///< [tiles][inputs][kTile], zero behind the last output
  AlignedFloats bias{};     ///< [tiles * kTile]

  std::int32_t tiles() const { return (outputs + kTile - 1) / kTile; }
  std::size_t padded() const { return static_cast<std::size_t>(tiles()) * kTile; }
  const float* tile(std::int32_t t) const {
    return weights.data() + static_cast<std::size_t>(t) * static_cast<std::size_t>(inputs) * kTile;
  }
};

struct NetworkSteps {
  /// Multiplies `rows` rows, a multiple of kTile: out[o] = start + sum of weight * in[i], where the
  /// start is the bias, or what `out` holds where `add`.
  void (*multiply)(const PackedWeights& by, const float* in, float* out, std::int64_t rows,
                   bool add);
  /// The same of one row, whose `out` has room for PackedWeights::padded() values.
  void (*multiply_row)(const PackedWeights& by, const float* in, float* out, bool add);
  /// Changes `count` values, a multiple of kTile.
  void (*activate)(ir::Activation activation, float* values, std::int64_t count);
};

/// The steps of a set, which must run here.
const NetworkSteps& network_steps(VectorSet set);

const NetworkSteps& portable_network();
#if defined(__x86_64__)
const NetworkSteps& avx2_network();  ///< with FMA
const NetworkSteps& avx512_network();
#endif

}  // namespace quern::codegen
