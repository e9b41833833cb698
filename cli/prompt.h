#pragma once
// The plain prompt: lines until a statement is complete, then its answer.

#include "api/quern.hpp"
#include "cli/interrupt.h"
#include "cli/reporter.h"

namespace quern::cli {

/// Reads statements from the terminal until its end or `\q`. Returns the exit status: 0.
int run_prompt(Session& session, Reporter& reporter, InterruptWatch& interrupts);

}  // namespace quern::cli
