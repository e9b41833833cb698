#pragma once
// The backslash commands that only a person at a prompt can mean: \c, \e, \watch and the like. All
// others go to the session with the statements.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/quern.hpp"
#include "cli/history.h"
#include "cli/prompt_console.h"

namespace quern::cli {

/// What the commands work on. All of it outlives them.
struct PromptWork {
  Session& session;
  SessionOptions options;
  PromptConsole& console;
  History& history;
  /// Runs a text as if it had been typed; false where it failed.
  std::function<bool(const std::string&)> run;
  /// Waits so many seconds; false where Ctrl-C came first.
  std::function<bool(double)> wait;
  /// Makes the terminal as another program expects it.
  std::function<void()> lend;
  std::string last = {};  ///< the statement that ran last
};

/// What an entry was.
enum class Handled {
  no,  ///< not one of these commands: it goes to the session
  yes,
  edit,  ///< `text` is to be edited further
  quit,
};

class PromptCommands {
 public:
  explicit PromptCommands(PromptWork& work) : work_(work) {}

  /// \param entry  what was typed. \param text  becomes what is to be edited.
  Handled handle(const std::string& entry, std::string& text);

 private:
  struct Call {
    std::string name;
    std::vector<std::string> words;
    std::string rest;  ///< all behind the name
  };
  static std::optional<Call> read(const std::string& entry);
  Handled carry_out(const Call& call, std::string& text);
  void help() const;
  void help_of(const std::string& clause) const;
  void connect(const Call& call);
  void tell_connection() const;
  bool edit(const Call& call, std::string& text);
  void watch(const Call& call);
  void again(const Call& call);
  void show_history(const Call& call) const;
  void complain(const std::string& message, const std::string& hint = {}) const;

  PromptWork& work_;
};

/// Splits `SELECT 1 \gx` into the statement and what ends it; nullopt where nothing of the kind
/// ends it.
struct EndedByCommand {
  std::string statement;
  std::string command;  ///< "\\gx"
};
std::optional<EndedByCommand> ended_by_command(const std::string& entry,
                                               const std::vector<TextPart>& parts);

}  // namespace quern::cli
