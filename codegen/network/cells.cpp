// Cells step by step, all rows of a block at once. A row whose sequence has ended keeps its state.

#include "codegen/network/cells.h"

#include <algorithm>

namespace quern::codegen {
namespace {

using ir::Activation;

/// One direction over one block.
class Direction {
 public:
  Direction(const CellLayer& layer, const CellWeights& weights, const NetworkSteps& with,
            std::int64_t rows)
      : layer_(layer),
        weights_(weights),
        with_(with),
        rows_(rows),
        units_(layer.of.outputs),
        gates_(weights.input.padded() * kStride),
        states_(layer.of.cell == ir::Cell::gru ? weights.state.padded() * kStride : 0),
        h_(static_cast<std::size_t>(units_ * kStride)),
        c_(layer.of.cell == ir::Cell::lstm ? static_cast<std::size_t>(units_ * kStride) : 0) {}

  /// \param step  rows whose length is above it take part.
  void run(const float* in, std::span<const std::int32_t> lengths, std::int32_t step) {
    with_.multiply(weights_.input, in, gates_.data(), rows_, false);
    switch (layer_.of.cell) {
      case ir::Cell::rnn: return run_plain(lengths, step);
      case ir::Cell::lstm: return run_lstm(lengths, step);
      case ir::Cell::gru: return run_gru(lengths, step);
    }
  }
  const float* state() const { return h_.data(); }

 private:
  float* gate(AlignedFloats& of, int g) { return of.data() + g * units_ * kStride; }
  void activate(Activation how, int first, int gates) {
    with_.activate(how, gate(gates_, first), gates * units_ * kStride);
  }

  void run_plain(std::span<const std::int32_t> lengths, std::int32_t step) {
    with_.multiply(weights_.state, h_.data(), gates_.data(), rows_, true);
    activate(Activation::tanh, 0, 1);
    const float* fresh = gate(gates_, 0);
    each(lengths, step, [&](std::int64_t i) { h_.data()[i] = fresh[i]; });
  }

  void run_lstm(std::span<const std::int32_t> lengths, std::int32_t step) {
    with_.multiply(weights_.state, h_.data(), gates_.data(), rows_, true);
    activate(Activation::sigmoid, 0, 2);
    activate(Activation::tanh, 2, 1);
    activate(Activation::sigmoid, 3, 1);
    float* in = gate(gates_, 0);
    const float* forget = gate(gates_, 1);
    const float* cell = gate(gates_, 2);
    const float* out = gate(gates_, 3);
    each(lengths, step,
         [&](std::int64_t i) { c_.data()[i] = forget[i] * c_.data()[i] + in[i] * cell[i]; });
    std::copy_n(c_.data(), units_ * kStride, in);
    with_.activate(Activation::tanh, in, units_ * kStride);
    each(lengths, step, [&](std::int64_t i) { h_.data()[i] = out[i] * in[i]; });
  }

  void run_gru(std::span<const std::int32_t> lengths, std::int32_t step) {
    with_.multiply(weights_.state, h_.data(), states_.data(), rows_, false);
    float* reset = gate(gates_, 0);
    float* fresh = gate(gates_, 2);
    const float* of_state = states_.data();
    for (std::int64_t i = 0; i < 2 * units_ * kStride; ++i) reset[i] += of_state[i];
    activate(Activation::sigmoid, 0, 2);
    const float* candidate = gate(states_, 2);
    for (std::int64_t i = 0; i < units_ * kStride; ++i) fresh[i] += reset[i] * candidate[i];
    activate(Activation::tanh, 2, 1);
    const float* update = gate(gates_, 1);
    each(lengths, step, [&](std::int64_t i) {
      h_.data()[i] = (1.0F - update[i]) * fresh[i] + update[i] * h_.data()[i];
    });
  }

  /// Calls change(i) for the values of rows whose sequence has this step.
  template <typename Change>
  void each(std::span<const std::int32_t> lengths, std::int32_t step, Change change) {
    for (std::int64_t unit = 0; unit < units_; ++unit) {
      for (std::int64_t row = 0; row < rows_; ++row) {
        if (lengths[static_cast<std::size_t>(row)] > step) change(unit * kStride + row);
      }
    }
  }

  const CellLayer& layer_;
  const CellWeights& weights_;
  const NetworkSteps& with_;
  std::int64_t rows_;
  std::int64_t units_;
  AlignedFloats gates_;   ///< [gates][units][kStride], and what fills the last tile
  AlignedFloats states_;  ///< the same of the state, where it is kept apart
  AlignedFloats h_;
  AlignedFloats c_;
};

/// The state of rows that have the step, zeros elsewhere.
void copy_step(const float* state, std::int64_t units, std::span<const std::int32_t> lengths,
               std::int32_t step, float* out) {
  std::fill_n(out, units * kStride, 0.0F);
  for (std::int64_t unit = 0; unit < units; ++unit) {
    for (std::size_t row = 0; row < lengths.size(); ++row) {
      const auto at = unit * kStride + static_cast<std::int64_t>(row);
      if (lengths[row] > step) out[at] = state[at];
    }
  }
}

}  // namespace

void run_cells(const CellLayer& layer, const NetworkSteps& with, std::int64_t rows,
               std::span<const std::int32_t> lengths, std::int32_t steps, const float* in,
               float* out) {
  const std::int64_t units = layer.of.outputs;
  const std::int64_t inputs = layer.inputs;
  for (std::size_t d = 0; d < layer.directions.size(); ++d) {
    Direction direction(layer, layer.directions[d], with, rows);
    float* to = out + static_cast<std::int64_t>(d) * units * kStride;
    for (std::int32_t i = 0; i < steps; ++i) {
      const auto step = d == 0 ? i : steps - 1 - i;
      direction.run(in + step * inputs * kStride, lengths, step);
      if (!layer.of.whole) continue;
      copy_step(direction.state(), units, lengths, step, to + step * layer.width() * kStride);
    }
    if (!layer.of.whole) std::copy_n(direction.state(), units * kStride, to);
  }
}

}  // namespace quern::codegen
