#pragma once
// What weights begin with.

#include <cstdint>

#include "compiler/ir/network.h"
#include "compiler/ir/tensors.h"

namespace quern::runtime::training {

/// The tensors of ir::tensor_shapes(), as the layers of torch 1.13 begin; see NetworkEngine. The
/// same seed gives the same numbers, whatever library is there.
ir::Tensors initial_weights(const ir::Network& network, std::uint64_t seed);

}  // namespace quern::runtime::training
