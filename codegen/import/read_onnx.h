#pragma once
// ONNX files to graphs.

#include <span>

#include "codegen/export/graph.h"

namespace quern::codegen {

/// True where the bytes may be an ONNX file, whole or not: it has no mark of its own, but begins
/// with the version of its format.
bool may_be_onnx(std::span<const std::uint8_t> bytes);

/// Reads a model's graph; what `Constant` nodes hold stands among the constants. Integers of all
/// widths and booleans come as int64. Every length is checked, nothing is computed, and no other
/// file is opened. Memory stays within a small multiple of the bytes: a node takes some 200 bytes
/// and at least two of the file.
/// Errors: corrupt_model; not_in_this_version (tensors of other types, or kept in other files);
/// out_of_memory.
Result<Graph> read_onnx(std::span<const std::uint8_t> bytes);

}  // namespace quern::codegen
