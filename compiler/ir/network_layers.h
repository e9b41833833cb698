#pragma once
// What a neural network consists of: blocks that read the feature matrix, and layers behind them.

#include <cstdint>
#include <variant>

namespace quern::ir {

enum class Activation : std::uint8_t {
  relu,
  relu6,
  leaky_relu,  ///< slope 0.01
  elu,
  selu,
  gelu,  ///< by erf
  sigmoid,
  tanh,
  softplus,
  softsign,
  swish,  ///< x * sigmoid(x)
};

/// How the vectors of several entries become one.
enum class Combiner : std::uint8_t { sum, mean, sqrtn };

// --- What a tower reads; each block gives a vector, and they stand one behind the other. ---

/// Columns of the feature matrix as they are; NaN reads as 0.
struct DenseBlock {
  std::int32_t first = 0;
  std::int32_t count = 0;
  friend bool operator==(const DenseBlock&, const DenseBlock&) = default;
};

/// A category's code as 1 among `rows` zeros. NaN and codes that are no row: all zeros.
struct OneHotBlock {
  std::int32_t feature = 0;
  std::int32_t rows = 0;
  friend bool operator==(const OneHotBlock&, const OneHotBlock&) = default;
};

/// A category's code as a learned vector. NaN and codes that are no row: all zeros.
/// Tensor: f32 [rows, width].
struct EmbeddingBlock {
  std::int32_t feature = 0;
  std::int32_t rows = 0;
  std::int32_t width = 0;
  friend bool operator==(const EmbeddingBlock&, const EmbeddingBlock&) = default;
};

/// A sparse group's entries. With a width: learned vectors of its keys, each times the entry's
/// value where `weighted`, combined (mean divides by the sum of weights, sqrtn by the root of the
/// sum of their squares); a row without entries is all zeros. Tensor: f32 [rows, width]. Without
/// one (width = 0): `rows` numbers, the entries' values (1 where not `weighted`) at their keys.
struct BagBlock {
  std::int32_t group = 0;  ///< index into the program's groups
  std::int32_t rows = 0;
  std::int32_t width = 0;
  Combiner combiner = Combiner::sum;
  bool weighted = false;
  friend bool operator==(const BagBlock&, const BagBlock&) = default;
};

/// Steps of a sequence: `length` steps of `numbers` neighbouring columns each, from `first` on. NaN
/// in the first column of a step: the sequence has ended before it (columns behind are not read).
/// With rows (numbers = 1): each step is a category's code, embedded. Tensor: f32 [rows, width].
/// A tower with sequences begins with a RecurrentLayer; its sequences have one length, and their
/// steps stand one behind the other as blocks do; its other blocks are repeated at each step.
struct SequenceBlock {
  std::int32_t first = 0;
  std::int32_t length = 0;
  std::int32_t numbers = 1;
  std::int32_t rows = 0;
  std::int32_t width = 0;
  friend bool operator==(const SequenceBlock&, const SequenceBlock&) = default;
};

using Block = std::variant<DenseBlock, OneHotBlock, EmbeddingBlock, BagBlock, SequenceBlock>;

// --- Layers. ---

/// y = x W' + b. Tensors: weight f32 [outputs, inputs] as torch has it; bias f32 [outputs].
struct LinearLayer {
  std::int32_t outputs = 0;
  bool bias = true;
  friend bool operator==(const LinearLayer&, const LinearLayer&) = default;
};

struct ActivationLayer {
  Activation activation = Activation::relu;
  friend bool operator==(const ActivationLayer&, const ActivationLayer&) = default;
};

/// While training only.
struct DropoutLayer {
  float rate = 0;
  friend bool operator==(const DropoutLayer&, const DropoutLayer&) = default;
};

/// Tensors: weight, bias, running_mean, running_var, f32 [inputs].
struct BatchNormLayer {
  float momentum = 0.1F;
  float epsilon = 1e-5F;
  friend bool operator==(const BatchNormLayer&, const BatchNormLayer&) = default;
};

enum class Cell : std::uint8_t { rnn, lstm, gru };

/// One layer of cells over the steps of a sequence, to its end. Tensors as torch.nn.RNN, LSTM and
/// GRU of one layer name and lay them out: weight_ih_l0 [gates * outputs, inputs], weight_hh_l0
/// [gates * outputs, outputs], bias_ih_l0, bias_hh_l0 [gates * outputs]; gates: 1, 4 (i f g o),
/// 3 (r z n); rnn by tanh. A second direction has the same names with `_reverse`.
/// Gives [2 *] outputs a step where `whole`, else those of the last step of the sequence
/// (backwards: of its first).
struct RecurrentLayer {
  Cell cell = Cell::lstm;
  std::int32_t outputs = 0;
  bool bidirectional = false;
  bool whole = false;
  friend bool operator==(const RecurrentLayer&, const RecurrentLayer&) = default;
};

using Layer =
    std::variant<LinearLayer, ActivationLayer, DropoutLayer, BatchNormLayer, RecurrentLayer>;

}  // namespace quern::ir
