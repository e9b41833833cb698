#pragma once
// The file behind `TO TRAIN 'model.pt'`.

#include <string>

#include "base/result.h"
#include "compiler/ir/scripted_module.h"

namespace quern::runtime {

/// Reads it whole and lets the training library follow what it computes, see
/// NetworkEngine::read_module(). The library is loaded only where the file may be a module.
/// Errors: cannot_read_file, corrupt_model (no file of TorchScript), those of read_module().
Result<ir::ScriptedModule> read_module_file(const std::string& path);

}  // namespace quern::runtime
