#pragma once
// A neural network as data: what it reads of the feature matrix, its layers, its weights' shapes.
// The torch engine trains it, the kernels of codegen/network predict with it, and its JSON text
// travels with the weights, so that prediction needs no training library.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/ir/network_layers.h"

namespace quern::ir {

/// The format of a payload that holds a network, see runtime/engines/network_engine.h.
inline constexpr std::string_view kNetworkFormat = "quern.network";

/// A stack of layers over some blocks. Layers are numbered over all kinds.
struct Tower {
  std::string name;  ///< "dnn", "linear": opens its tensors' names
  std::vector<Block> blocks;
  std::vector<Layer> layers;
  friend bool operator==(const Tower&, const Tower&) = default;
};

/// The towers' outputs, added up, are the margins (before the link function).
struct Network {
  std::int32_t features = 0;               ///< dense columns of the feature matrix
  std::vector<std::int32_t> group_widths;  ///< of the program's sparse groups
  std::vector<Tower> towers;
  std::int32_t outputs = 1;
  friend bool operator==(const Network&, const Network&) = default;
};

/// A tensor that a network needs.
struct TensorShape {
  std::string name;  ///< "dnn.block1" (an embedding), "dnn.layer0.weight"
  std::vector<std::int64_t> shape;
  bool trained = true;  ///< false: running_mean and running_var
  friend bool operator==(const TensorShape&, const TensorShape&) = default;
};

/// All tensors of a network that check() accepts, in the order of towers, blocks, layers.
std::vector<TensorShape> tensor_shapes(const Network& network);

/// What stands behind the blocks, then behind each layer of a tower: floats a row (a step, in a
/// sequence). Of a network that check() accepts.
std::vector<std::int32_t> widths(const Network& network, const Tower& tower);

/// Checks every index and size: columns and groups that there are, layers that fit, towers that end
/// in `outputs`, no more than 2^31 weights. Error: corrupt_model, what is wrong where.
Result<void> check(const Network& network);

/// Numbers that training sets.
std::int64_t weight_count(const Network& network);

std::string_view activation_name(Activation activation);
std::string_view combiner_name(Combiner combiner);
std::string_view cell_name(Cell cell);
/// "linear 64", "dropout 0.5".
std::string layer_words(const Layer& layer);
/// The network, one block or layer a line with its shapes and weights, for EXPLAIN and DESCRIBE.
std::string dump(const Network& network);

/// Canonical JSON text, and back; the latter checks. Errors: corrupt_model, model_too_new.
std::string to_json(const Network& network);
Result<Network> network_from_json(std::string_view text);

}  // namespace quern::ir
