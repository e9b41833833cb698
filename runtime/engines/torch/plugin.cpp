// What load_plugin() finds: the only symbol that this library exports. No exception leaves it.

#include "base/plugin.h"

#include <exception>
#include <new>

#include "runtime/engines/torch/deep_clusters.h"
#include "runtime/engines/torch/graph.h"
#include "runtime/engines/torch/module_reader.h"
#include "runtime/engines/torch/training.h"

namespace quern::runtime {
namespace {

template <typename T, typename Run>
Result<T> guarded(Run run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "no memory is left to train the network"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::engine_failed, e.what()};
  }
}

class TorchEngine final : public NetworkEngine {
 public:
  Result<std::string> library() override { return training::library_words(); }
  Result<TrainedModel> train(const NetworkTask& task, const CancelToken& cancel,
                             const std::function<void(const RoundReport&)>& on_round) override {
    return guarded<TrainedModel>([&] { return training::train_network(task, cancel, on_round); });
  }
  Result<TrainedModel> cluster(const DeepClusterTask& task, const CancelToken& cancel,
                               const std::function<void(const RoundReport&)>& on_round) override {
    return guarded<TrainedModel>([&] { return training::train_clusters(task, cancel, on_round); });
  }
  Result<std::vector<float>> margins(const std::vector<std::uint8_t>& payload, PageSource& pages,
                                     const CancelToken& cancel) override {
    return guarded<std::vector<float>>(
        [&] { return training::network_margins(payload, pages, cancel); });
  }
  Result<ir::ScriptedModule> read_module(const std::vector<std::uint8_t>& file) override {
    return guarded<ir::ScriptedModule>([&] { return training::read_module(file); });
  }
};

}  // namespace
}  // namespace quern::runtime

extern "C" const quern::PluginEntry* quern_plugin_entry();

extern "C" __attribute__((visibility("default"))) const quern::PluginEntry* quern_plugin_entry() {
  static quern::runtime::TorchEngine engine;
  static quern::runtime::NetworkEngine* const table = &engine;
  static const quern::PluginEntry entry{quern::build_id(), static_cast<const void*>(&table)};
  return &entry;
}
