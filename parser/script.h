#pragma once
// The stage before the parser: a script with its variables and its backslash commands becomes plain
// text, and a map back to what the user wrote.
//
//   :name ${name}   the value as it is, where it is a number or a name
//   :'name'         the value as a string, quoted for the dialect
//   :"name"         the value as a quoted name
//   ? $1            the value of a parameter, where the caller gave any; `:name` of a named one
//   \set name value   \d table   \x   ...   commands on lines of their own, between statements;
//                                            command_forms() lists them
//
// A colon is a variable only where SQL itself has no use for it: not in strings, comments and
// dollar quotes, not in casts, slices, struct keys and `reg:squarederror`.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/dialect.h"
#include "base/result.h"
#include "parser/script_values.h"

namespace quern {

using Variables = std::map<std::string, std::string>;

/// A text and where it came from.
struct Source {
  std::string name;  ///< "churn.sql", "<command line>"
  std::string text;
};

/// From bytes of a text that was put together to bytes of the sources it was made of.
class TextMap {
 public:
  struct Place {
    std::size_t source = 0;
    SourceSpan span;
  };

  /// Appends `length` bytes that stand for `span` of `source`: byte by byte where `verbatim`, else
  /// as a whole.
  void add(std::size_t length, std::size_t source, SourceSpan span, bool verbatim);

  /// Where `span` was written; one that reaches into another source ends with its first.
  Place place(SourceSpan span) const;

 private:
  struct Part {
    std::size_t begin;
    std::size_t source;
    SourceSpan span;
    bool verbatim;
  };
  const Part* part_at(std::size_t offset) const;

  std::vector<Part> parts_;
  std::size_t size_ = 0;
};

/// Who carries a backslash command out.
enum class CommandKind : std::uint8_t {
  script,  ///< expand() itself
  query,   ///< a statement of the database's, or of ours, stands for it
  view,    ///< whoever shows the rows; it hears of them in their turn
  prompt,  ///< a front end with an editor; in a script they are an error
};

struct CommandForm {
  const char* name;  ///< without the backslash
  CommandKind kind;
  std::size_t fewest, most;  ///< words behind it
  const char* usage;         ///< "\\set name value"
  const char* doc;           ///< one line
};

/// All commands, in the order in which help lists them.
std::span<const CommandForm> command_forms();

/// What commands mean that expand() does not carry out itself.
struct CommandMeaning {
  /// The statement that stands for one, without its semicolon. Empty: there are none.
  std::function<Result<std::string>(const std::string& name, const std::vector<std::string>& words)>
      sql = {};
  bool views = false;  ///< those of how rows are shown are carried out by someone
};

struct Script {
  struct Echo {
    std::size_t before;  ///< said before the statement that begins at or behind this byte of `text`
    std::string words;
  };
  struct Command {
    std::size_t before;  ///< as of Echo
    std::string name;
    std::vector<std::string> words;
    std::size_t source;
    SourceSpan span;  ///< in the source
  };
  struct Problem {
    std::size_t source;
    Diagnostic diagnostic;  ///< spans point into the source
  };

  std::string text;             ///< what the parser reads
  std::vector<Source> sources;  ///< the first is the script, the others what it includes
  TextMap map;
  std::vector<Echo> echoes;
  std::vector<Command> commands;  ///< of CommandKind::view
  std::vector<Problem> problems;  ///< none: `text` is what was meant
};

/// Reads the file that `\i name` means in the file called `from`. Gives its name for messages too.
using IncludeReader =
    std::function<Result<Source>(const std::string& name, const std::string& from)>;

/// Expands `source`. `\set` and `\unset` change `variables` as they are met.
///
/// Problems: unknown_variable, variable_value, bad_command, and what `include` fails with. Cost:
/// linear; a text without colon, dollar and backslash is only copied.
Script expand(Source source, Variables& variables, Dialect dialect, const IncludeReader& include,
              const ScriptValues& values = {}, const CommandMeaning& commands = {});

/// True for what may be the name of a variable: letters, digits and `_`, no digit first.
bool is_variable_name(std::string_view name);

}  // namespace quern
