#pragma once
// Models as ONNX files, out and in.

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/model_file/transfer.h"

namespace quern::runtime {

/// Features and model as a graph, with manifest and payload among the file's metadata, so that it
/// can be read back as it was. Errors: those of lower_model(), plugin_missing.
Result<std::vector<std::uint8_t>> write_onnx_file(const ir::Manifest& manifest,
                                                  std::span<const std::uint8_t> payload);

/// Reads a file of ours exactly, where what it carries still computes what its graph does, and any
/// other by its graph. Errors: see read_model().
Result<ImportedModel> read_onnx_file(std::span<const std::uint8_t> bytes,
                                     const ir::ImportModel& statement, const TypeNames& types);

}  // namespace quern::runtime
