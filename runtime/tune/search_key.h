#pragma once
// The name of a search: two of one name make the same trials.

#include <string>

#include "base/result.h"
#include "compiler/plan/plan.h"
#include "runtime/engines/engine.h"
#include "runtime/fit/fit.h"

namespace quern::runtime {

/// Everything that decides what a trial comes to: rows, parameters, what is searched and how, the
/// seed, the library. Not how many trials there are, unless that decides it, and not their time.
/// \param task  of any trial: its rows, its names, the model it goes on from.
/// Errors: those of the pages, library_missing.
Result<std::string> search_key(const plan::Train& plan, const Fitted& fitted,
                               const TrainTask& task);

}  // namespace quern::runtime
