#pragma once
// A tower as the kernel runs it. Private to codegen/network.

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "codegen/network/network_model.h"
#include "codegen/network/steps.h"

namespace quern::codegen {

/// A block whose vector is written out, `width` values from `at` on.
struct Source {
  ir::Block block;
  std::vector<float> table = {};  ///< [rows, width] of one with learned vectors
  std::int32_t at = 0;
  std::int32_t width = 0;
};

/// A block whose ones and entries are looked up in the first layer's weights.
struct LookUp {
  ir::Block block;           ///< OneHotBlock or BagBlock without a width
  std::vector<float> table;  ///< [rows, outputs of that layer]
};

/// x * scale + shift, value by value: a batch norm that no layer could take up.
struct Scaling {
  std::vector<float> scale;
  std::vector<float> shift;
};

using Operation = std::variant<PackedWeights, Scaling, ir::Activation>;

/// One direction of a RecurrentLayer. Biases are added up where the cell adds them up.
struct CellWeights {
  PackedWeights input;
  PackedWeights state;
};

struct CellLayer {
  ir::RecurrentLayer of;
  std::vector<CellWeights> directions;
  std::int32_t inputs = 0;
  std::int32_t width() const { return of.bidirectional ? 2 * of.outputs : of.outputs; }
};

struct TowerLayout {
  std::vector<Source> sources;
  std::vector<LookUp> lookups;   ///< of operations[0], which then is of weights
  std::vector<CellLayer> cells;  ///< before the operations; the sources give steps then
  std::vector<Operation> operations;
  std::int32_t inputs = 0;  ///< values of all sources
  std::int32_t steps = 0;   ///< of sequences; 0: there are none
  std::int32_t widest = 0;  ///< most values between two operations, filled up to tiles
};

TowerLayout lay_out(const NetworkModel& model, const ir::Tower& tower);

}  // namespace quern::codegen
