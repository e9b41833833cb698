#pragma once
// How a network reads a feature, as a statement says it.

#include <cstdint>

#include "compiler/ir/network_layers.h"

namespace quern::ir {

enum class Reading : std::uint8_t {
  usual,     ///< numbers as they are, categories as the tower takes them by itself
  one_hot,   ///< a category as a 1 among zeros
  embedded,  ///< a category or the entries of a group as a learned vector
};

/// What one item of COLUMN asks for.
struct NetworkUse {
  std::int32_t tower = -1;  ///< of the plan's; -1: all of them
  Reading reading = Reading::usual;
  std::int32_t width = 0;  ///< of the learned vector; 0: by the number of categories
  Combiner combiner = Combiner::sum;
  friend bool operator==(const NetworkUse&, const NetworkUse&) = default;
};

}  // namespace quern::ir
