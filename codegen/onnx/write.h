#pragma once
// Graphs to files.

#include "codegen/export/graph.h"

namespace quern::codegen {

/// See GraphWriter::write.
Result<std::vector<std::uint8_t>> write_onnx(const Graph& graph);

}  // namespace quern::codegen
