#pragma once
// From a statement that trains without a label, and its fitted rows, to what is run: k-means, deep
// embedded clustering, principal components, an autoencoder.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/engines/engine.h"
#include "runtime/fit/fit.h"

namespace quern::runtime {

/// Columns that clusters and components may have: a category has one for each of its values.
inline constexpr std::int32_t kMostColumns = 4096;

/// Adds what is run to a task of make_task(), and to the fitted label what the answers are:
/// clusters by number, or how many numbers. After `start` is set. \param memory  bytes that may be
/// held of the rows; unset: no limit. Errors: attribute_range, no_features, corrupt_model,
/// attribute_conflict.
Result<void> add_unlabelled(const plan::Train& plan, Fitted& fitted,
                            std::optional<std::int64_t> memory, TrainTask& task);

/// A payload that says how many of its network's layers encode. Errors: corrupt_model.
Result<std::vector<std::uint8_t>> with_encoder(const std::vector<std::uint8_t>& payload,
                                               std::size_t layers);

}  // namespace quern::runtime
