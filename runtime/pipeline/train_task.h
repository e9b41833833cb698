#pragma once
// From a statement and its fitted rows to a task for the engine.

#include "compiler/plan/plan.h"
#include "runtime/engines/engine.h"
#include "runtime/fit/fit.h"

namespace quern::runtime {

/// The training that the statement asks for; its rows, which `fitted` holds, are released once the
/// engine has taken them. No value may be left to search. Without the bytes of a model to go on
/// from. Of a network it is completed by add_network().
TrainTask make_task(const plan::Train& plan, Fitted& fitted);

/// Adds the network that is trained, and its epochs where the statement gives none; nothing where
/// there is no network. After `start` is set: a network that is gone on from stays as it is.
/// Errors: those of make_network_task(), corrupt_model, attribute_conflict (other layers).
Result<void> add_network(const plan::Train& plan, const Fitted& fitted, TrainTask& task);

/// The network of the model to go on from, in place of the one that the statement would lay out.
/// Errors: corrupt_model, attribute_conflict (the statement asks for other layers).
Result<void> keep_network(const ir::Train& statement, const TrainTask& task, ir::Network& network);

}  // namespace quern::runtime
