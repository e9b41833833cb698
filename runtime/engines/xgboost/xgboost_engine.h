#pragma once
// The training engine over libxgboost.

#include <memory>

#include "runtime/engines/engine.h"

namespace quern::runtime {

/// Makes the engine; the library is opened by its first training. Models come back as UBJ.
///
/// Trees grow by tree_method hist unless a parameter says exact or approx; `auto` means hist too,
/// as it does from XGBoost 2 on. The parameter max_bin, where given, goes before
/// TrainTask::max_bin. Deterministic: same pages, same parameters (nthread among them), same
/// library: same bytes. Threads: `train` may be called from several threads.
std::unique_ptr<Engine> make_xgboost_engine();

}  // namespace quern::runtime
