#pragma once
// From a statement that trains a network, and its fitted rows, to what its engine is told.

#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/plan/plan.h"
#include "runtime/engines/network_engine.h"
#include "runtime/fit/fit.h"

namespace quern::runtime {

/// The network laid out and all that the attributes say; without rows, and without first weights
/// but those of a module: others the TrainTask has. Without layers where the statement leaves them
/// to the model that it goes on from. \param rows  to learn from, by which the size of a step goes.
/// Errors: no_features, attribute_range, class_count (a module that does not fit the label).
Result<NetworkTask> make_network_task(const plan::Train& plan, const Fitted& fitted,
                                      std::int64_t rows);

/// The same without the network.
NetworkTask network_settings(const ir::Train& statement, std::string_view objective,
                             std::int64_t rows);

/// Epochs where the statement gives none: about 3000 steps, 10 to 200 epochs.
int default_epochs(std::int64_t rows, std::int64_t batch_rows);
/// Rows of a step where the statement gives none: 128, of fewer than 1280 rows a tenth, at
/// least 16.
std::int64_t default_batch_rows(std::int64_t rows);

/// Bytes of a block of rows where so many may be held of them: two blocks to learn from and two to
/// be measured, each of 256 MiB at most. \param memory  unset: no limit.
std::int64_t block_bytes(std::optional<std::int64_t> memory);

}  // namespace quern::runtime
