#pragma once
// Layers of cells over blocks of sequences. Private to codegen/network.

#include <cstdint>
#include <span>
#include <vector>

#include "codegen/network/layout.h"

namespace quern::codegen {

/// Runs one layer. All values lie in columns, as steps.h has them, step by step.
///
/// \param rows     of the block, filled up to a multiple of kTile.
/// \param lengths  [rows]: steps that a row's sequence has; 0 in rows that fill up.
/// \param steps    the most of them.
/// \param in       [steps][layer.inputs][kStride].
/// \param out      [steps or 1][layer.width()][kStride], written completely.
void run_cells(const CellLayer& layer, const NetworkSteps& with, std::int64_t rows,
               std::span<const std::int32_t> lengths, std::int32_t steps, const float* in,
               float* out);

}  // namespace quern::codegen
