// Loads the plug-in that trains networks.

#include "base/plugin.h"
#include "runtime/engines/network_engine.h"

namespace quern::runtime {

Result<NetworkEngine*> torch_engine() {
  auto table = load_plugin("torch");
  if (!table) {
    auto errors = std::move(table).errors();
    if (errors.front().hint.empty()) {
      errors.front().hint =
          "networks are trained by LibTorch: install Debian's libtorch-dev and "
          "libopenblas0-pthread, then build quern again; predicting needs none of it";
    }
    return errors;
  }
  return *static_cast<NetworkEngine* const*>(*table);
}

}  // namespace quern::runtime
