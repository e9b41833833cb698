#pragma once
// Backslash commands: lines of their own between statements.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/script.h"

namespace quern {

/// A command with its words: quotes taken off, variables replaced.
struct ScriptCommand {
  std::string name;
  CommandKind kind = CommandKind::script;
  std::vector<std::string> words;
};

/// True where a backslash at `at` is the first character of its line and a letter follows.
bool is_command(std::string_view text, std::size_t at);

/// The line of the command that stands at or behind `at`, before anything but white space and
/// comments; its line break left out.
std::optional<SourceSpan> find_command(std::string_view text, std::size_t at, Dialect dialect);

/// \param room  bytes that values of variables may have in the words; counted down.
/// Errors: bad_command, unknown_variable, variable_value.
Result<ScriptCommand> parse_command(std::string_view text, SourceSpan line,
                                    const Variables& variables, Dialect dialect, std::size_t& room);

}  // namespace quern
