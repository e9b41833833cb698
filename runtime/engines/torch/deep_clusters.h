#pragma once
// Deep embedded clustering: what the engine does behind NetworkEngine::cluster().

#include <functional>

#include "runtime/engines/network_engine.h"

namespace quern::runtime::training {

Result<TrainedModel> train_clusters(const DeepClusterTask& task, const CancelToken& cancel,
                                    const std::function<void(const RoundReport&)>& on_round);

}  // namespace quern::runtime::training
