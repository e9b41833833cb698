// An engine of a few lines in the place of LibTorch: the weights of its networks are the number of
// epochs times a wave. What the test asks for goes wrong on the way.

#include "tests/unit/api/fake_networks.h"

#include <cmath>

#include "compiler/ir/tensors.h"
#include "runtime/engines/network_engine.h"

namespace quern::runtime {
namespace {

std::vector<std::uint8_t> payload_of(const ir::Network& network, float weight) {
  ir::Tensors out;
  for (const auto& shape : ir::tensor_shapes(network)) {
    std::size_t size = 1;
    for (const auto n : shape.shape) size *= static_cast<std::size_t>(n);
    auto& tensor = out.tensors.emplace_back(ir::Tensor{shape.name, shape.shape, {}});
    for (std::size_t i = 0; i < size; ++i)
      tensor.values.push_back(weight * static_cast<float>(std::cos(static_cast<double>(i))));
  }
  out.metadata = {{"network", ir::to_json(network)}};
  return ir::write_tensors(out);
}

class CountingEngine final : public NetworkEngine {
 public:
  Result<std::string> library() override { return std::string("the count"); }

  Result<TrainedModel> train(const NetworkTask& task, const CancelToken& cancel,
                             const std::function<void(const RoundReport&)>& on_round) override {
    auto& plan = tests::fake_networks();
    plan.buffers.push_back(task.buffer_bytes);
    TrainedModel model{.format = std::string(ir::kNetworkFormat), .library = "the count"};
    for (int epoch = 1; epoch <= task.epochs; ++epoch) {
      if (cancel.requested()) return Diagnostic{Code::cancelled, "training was cancelled"};
      if (epoch == plan.fails_in)
        return Diagnostic{Code::engine_failed, plan.message, SourceSpan::none(), "try another"};
      const double loss = epoch == plan.nan_in ? std::nan("") : 1.0 / epoch;
      model.history.push_back({epoch, task.epochs, {{"train", "loss", loss}}});
      if (task.validation != nullptr)
        model.history.back().metrics.push_back({"validation", "loss", loss});
      on_round(model.history.back());
    }
    model.payload = payload_of(task.network, static_cast<float>(task.epochs));
    return model;
  }

  Result<TrainedModel> cluster(const DeepClusterTask& /*task*/, const CancelToken& /*cancel*/,
                               const std::function<void(const RoundReport&)>& /*on*/) override {
    return Diagnostic{Code::internal, "not asked for"};
  }
  Result<std::vector<float>> margins(const std::vector<std::uint8_t>& /*payload*/,
                                     PageSource& /*pages*/, const CancelToken& /*c*/) override {
    return Diagnostic{Code::internal, "not asked for"};
  }
  Result<ir::ScriptedModule> read_module(const std::vector<std::uint8_t>& /*file*/) override {
    return Diagnostic{Code::internal, "not asked for"};
  }
};

}  // namespace

Result<NetworkEngine*> torch_engine() {
  static CountingEngine engine;
  return &engine;
}

}  // namespace quern::runtime

namespace quern::tests {

FakeNetworks& fake_networks() {
  static FakeNetworks plan;
  return plan;
}

}  // namespace quern::tests
