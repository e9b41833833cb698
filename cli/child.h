#pragma once
// Programs of the user's that run beside this one: the pager, the editor.

#include <sys/types.h>

#include <string>

namespace quern::cli {

/// Starts `sh -c command` with the signals as the shell expects them, which this program has
/// blocked. \param input  becomes its standard input; -1: the one of this program. Returns -1 where
/// it cannot be started.
pid_t start_shell(const std::string& command, int input);

/// Waits for its end; the exit status, or 128 and the number of the signal.
int wait_for(pid_t child);

/// True where the program is found on the PATH.
bool on_path(const std::string& program);

}  // namespace quern::cli
