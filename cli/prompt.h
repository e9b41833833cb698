#pragma once
// The prompt: statements and commands from a person, one after the other. docs/repl.md tells of it.

#include <string>

#include "api/quern.hpp"
#include "cli/interrupt.h"
#include "cli/prompt_console.h"

namespace quern::cli {

/// Reads until `\q`, Ctrl-D or the end of the terminal. With an editor where the terminal has one,
/// else line by line. \param options  what `session` was opened with: `\c` opens others alike.
/// Returns the exit status: 0, or 128 and the number of the signal that ended it.
int run_prompt(Session& session, const SessionOptions& options, PromptConsole& console,
               InterruptWatch& interrupts);

}  // namespace quern::cli
