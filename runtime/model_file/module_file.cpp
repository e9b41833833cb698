// A file's first bytes, then the library.

#include "runtime/model_file/module_file.h"

#include <algorithm>
#include <array>

#include "runtime/engines/network_engine.h"
#include "runtime/model_file/file.h"

namespace quern::runtime {

Result<ir::ScriptedModule> read_module_file(const std::string& path) {
  QUERN_TRY(const auto file, read_file(path));
  // torch writes zip archives, which begin with the header of an entry.
  constexpr std::array<std::uint8_t, 4> kZip{'P', 'K', 3, 4};
  if (file.size() < kZip.size() || !std::equal(kZip.begin(), kZip.end(), file.begin())) {
    return Diagnostic{Code::corrupt_model, "no file of TorchScript: " + path, SourceSpan::none(),
                      "torch.jit.script(module).save(path) writes one"};
  }
  QUERN_TRY(auto* engine, torch_engine());
  QUERN_TRY(auto module, engine->read_module(file));
  module.path = path;
  return module;
}

}  // namespace quern::runtime
