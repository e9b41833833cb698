#pragma once
// A part of a batch, without a copy.

#include <cstdint>

#include "base/column.h"

namespace quern::runtime {

/// Rows [first, first + rows) of a batch, whose buffers it shares. `first` is a multiple of 8, for
/// bitmaps are cut between bytes.
ColumnBatch slice(const ColumnBatch& batch, std::int64_t first, std::int64_t rows);

}  // namespace quern::runtime
