#pragma once
// One training of a network, and its margins: what the engine does behind its interface.

#include <functional>
#include <vector>

#include "runtime/engines/network_engine.h"

namespace quern::runtime::training {

/// NetworkEngine::train().
Result<TrainedModel> train_network(const NetworkTask& task, const CancelToken& cancel,
                                   const std::function<void(const RoundReport&)>& on_round);

/// NetworkEngine::margins().
Result<std::vector<float>> network_margins(const std::vector<std::uint8_t>& payload,
                                           PageSource& pages, const CancelToken& cancel);

}  // namespace quern::runtime::training
