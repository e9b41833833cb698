#pragma once
// Files of TorchScript: their code is followed with rows that are not there, and what it does to
// them is taken down as layers.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "compiler/ir/scripted_module.h"

namespace quern::runtime::training {

/// NetworkEngine::read_module(). The module's own answers for some rows are compared with those of
/// the layers before it is believed.
Result<ir::ScriptedModule> read_module(const std::vector<std::uint8_t>& file);

}  // namespace quern::runtime::training
