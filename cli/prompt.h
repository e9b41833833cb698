#pragma once
// The plain prompt: lines until a statement is complete, then its answer.

#include "api/quern.hpp"
#include "cli/console.h"
#include "cli/interrupt.h"

namespace quern::cli {

/// Reads statements from the terminal until its end or `\q`. Returns the exit status: 0.
int run_prompt(Session& session, Console& console, InterruptWatch& interrupts);

}  // namespace quern::cli
