#pragma once
// How our clauses are written, one entry each: for \h, for completion, for whoever asks what a word
// means.

#include <span>
#include <string>
#include <string_view>

#include "api/export.h"

namespace quern {

struct HelpTopic {
  std::string_view name;    ///< "TO TRAIN"
  std::string_view syntax;  ///< one line or more
  std::string_view doc;     ///< one sentence without full stop
};

QUERN_API std::span<const HelpTopic> help_topics();

/// The topic whose name is `name` or ends or begins with it, case ignored; null: there is none.
QUERN_API const HelpTopic* find_topic(std::string_view name);

/// A backslash command.
struct CommandHelp {
  std::string_view usage;
  std::string_view doc;
};

/// As `\?` lists them.
QUERN_API std::span<const CommandHelp> command_help();

/// The command that is meant by a mistyped name, or "".
QUERN_API std::string nearest_command(std::string_view name);

}  // namespace quern
