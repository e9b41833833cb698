#pragma once
// The prompt: statements and commands from a person, one after the other. docs/repl.md tells of it.

#include <functional>

#include "api/quern.hpp"
#include "cli/interrupt.h"
#include "cli/prompt_console.h"

namespace quern::cli {

/// Reads until `\q`, Ctrl-D or the end of the terminal. With an editor where the terminal has one,
/// else line by line.
/// \param open     called in a thread of its own: the prompt is there before a large engine is
/// loaded \param options  what it opens the session with: `\c` opens others alike
///
/// Returns the exit status: 0; 1 where the session could not be opened, which is said; 128 and the
/// number of the signal that ended it.
int run_prompt(const std::function<Result<Session>()>& open, const SessionOptions& options,
               PromptConsole& console, InterruptWatch& interrupts);

}  // namespace quern::cli
