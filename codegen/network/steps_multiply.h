// Products of matrices, for any vector: included by one file a set of instructions, inside its own
// unnamed namespace, which says what QUERN_TARGET, Vector, Integers, kLanes, load, store, broadcast
// and fuse (a * b + c) are. Expressions of vectors are GCC's.

constexpr int kVectorsOfTile = kTile / kLanes;

/// Outputs [0, kOutputs) of a tile for kVectors vectors of rows.
template <int kOutputs, int kVectors>
QUERN_TARGET inline void multiply_some(const float* weights, std::int32_t inputs, const float* in,
                                       const float* bias, float* out) {
  Vector sums[kOutputs][kVectors];
#pragma GCC unroll 16
  for (int o = 0; o < kOutputs; ++o) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v)
      sums[o][v] = bias != nullptr ? broadcast(bias[o]) : load(out + o * kStride + v * kLanes);
  }
  for (std::int32_t i = 0; i < inputs; ++i, weights += kTile, in += kStride) {
    Vector x[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) x[v] = load(in + v * kLanes);
#pragma GCC unroll 16
    for (int o = 0; o < kOutputs; ++o) {
      const Vector weight = broadcast(weights[o]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sums[o][v] = fuse(weight, x[v], sums[o][v]);
    }
  }
#pragma GCC unroll 16
  for (int o = 0; o < kOutputs; ++o) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) store(out + o * kStride + v * kLanes, sums[o][v]);
  }
}

template <int kOutputs>
QUERN_TARGET inline void multiply_rows(const float* weights, std::int32_t inputs, const float* in,
                                       const float* bias, float* out, std::int64_t rows) {
  constexpr int kVectors =
      kOutputs == 1 ? 4 : kTogether;  // so that one sum need not wait for another
  std::int64_t row = 0;
  for (; row + kVectors * kLanes <= rows; row += kVectors * kLanes)
    multiply_some<kOutputs, kVectors>(weights, inputs, in + row, bias, out + row);
  for (; row < rows; row += kLanes)
    multiply_some<kOutputs, 1>(weights, inputs, in + row, bias, out + row);
}

QUERN_TARGET void multiply(const PackedWeights& by, const float* in, float* out, std::int64_t rows,
                           bool add) {
  for (std::int32_t o = 0; o < by.outputs;) {
    const float* weights = by.tile(o / kTile) + o % kTile;
    const float* bias = add ? nullptr : by.bias.data() + o;
    float* to = out + o * kStride;
    const auto left = by.outputs - o;
    if (left >= kOutputsTogether && o % kOutputsTogether == 0) {
      multiply_rows<kOutputsTogether>(weights, by.inputs, in, bias, to, rows);
      o += kOutputsTogether;
    } else if (left >= 4) {
      multiply_rows<4>(weights, by.inputs, in, bias, to, rows);
      o += 4;
    } else {
      multiply_rows<1>(weights, by.inputs, in, bias, to, rows);
      o += 1;
    }
  }
}

template <int kTiles>
QUERN_TARGET inline void multiply_tiles(const PackedWeights& by, std::int32_t first,
                                        const float* in, float* out, bool add) {
  Vector sums[kTiles][kVectorsOfTile];
  const auto size = static_cast<std::ptrdiff_t>(by.inputs) * kTile;
  const float* weights = by.tile(first);
  const float* start = (add ? out : by.bias.data()) + first * kTile;
#pragma GCC unroll 16
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectorsOfTile; ++v) sums[t][v] = load(start + t * kTile + v * kLanes);
  }
  for (std::int32_t i = 0; i < by.inputs; ++i, weights += kTile) {
    const Vector x = broadcast(in[i]);
#pragma GCC unroll 16
    for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectorsOfTile; ++v)
        sums[t][v] = fuse(load(weights + t * size + v * kLanes), x, sums[t][v]);
    }
  }
#pragma GCC unroll 16
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectorsOfTile; ++v)
      store(out + (first + t) * kTile + v * kLanes, sums[t][v]);
  }
}

QUERN_TARGET void multiply_row(const PackedWeights& by, const float* in, float* out, bool add) {
  constexpr int kTiles = kRowVectors / kVectorsOfTile;
  std::int32_t t = 0;
  for (; t + kTiles <= by.tiles(); t += kTiles) multiply_tiles<kTiles>(by, t, in, out, add);
  for (; t < by.tiles(); ++t) multiply_tiles<1>(by, t, in, out, add);
}
