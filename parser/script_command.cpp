// Reading a command's line: psql's rules as far as they go.

#include "parser/script_command.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/similar.h"
#include "parser/script_variable.h"

namespace quern {
namespace {

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

/// Behind the comment that opens at `at`, or `at` where none does.
std::size_t behind_comment(std::string_view text, std::size_t at, Dialect dialect) {
  const auto opening = text.substr(at, 2);
  const bool line = opening == "--" || (dialect == Dialect::mysql && opening.starts_with('#'));
  if (line) return std::min(text.find_first_of("\r\n", at), text.size());
  if (opening != "/*") return at;
  const bool nests = dialect == Dialect::duckdb || dialect == Dialect::postgres;
  std::size_t depth = 1;
  for (auto i = at + 2; i + 1 < text.size(); ++i) {
    const auto pair = text.substr(i, 2);
    if (nests && pair == "/*") ++depth;
    if (pair != "*/" && !(nests && pair == "/*")) continue;
    if (pair == "*/" && --depth == 0) return i + 2;
    ++i;
  }
  return at;  // not closed: the parser says so
}

/// The words of a line. Single quotes hold white space together; a quote inside is doubled.
class Words {
 public:
  Words(std::string_view text, SourceSpan line, const Variables& variables, Dialect dialect,
        std::size_t& room)
      : text_(text.substr(0, line.end)),
        at_(line.begin),
        variables_(variables),
        dialect_(dialect),
        room_(room) {}

  Result<std::vector<std::string>> read() {
    std::vector<std::string> out;
    while (true) {
      while (at_ < text_.size() && blank(text_[at_])) ++at_;
      if (at_ == text_.size()) return out;
      std::string word;
      while (at_ < text_.size() && !blank(text_[at_])) {
        QUERN_TRY(const auto part, next_part());
        word += part;
      }
      out.push_back(std::move(word));
    }
  }

 private:
  Result<std::string> next_part() {
    if (text_[at_] == '\'') return quoted();
    if (text_[at_] == ':') return variable();
    return std::string(1, text_[at_++]);
  }

  Result<std::string> quoted() {
    const auto begin = at_++;
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      const bool pair = text_.substr(at_, 2) == "''";
      if (text_[at_] == '\'' && !pair) {
        ++at_;
        return out;
      }
      out += text_[at_];
      at_ += pair ? 1 : 0;
    }
    return Diagnostic{Code::unterminated, "string is not closed", {begin, begin + 1}};
  }

  /// The value itself for `:name`, whatever it holds: a command's word is not SQL.
  Result<std::string> variable() {
    const auto begin = at_++;
    const char quote =
        at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"') ? text_[at_] : '\0';
    const auto name_begin = at_ + (quote != '\0' ? 1 : 0);
    auto end = name_begin;
    while (end < text_.size() && is_variable_name(text_.substr(name_begin, end + 1 - name_begin)))
      ++end;
    const bool closed = quote == '\0' || (end < text_.size() && text_[end] == quote);
    if (end == name_begin || !closed) return std::string(":");
    VariableUse use{std::string(text_.substr(name_begin, end - name_begin)),
                    quote == '"' ? VariableUse::Form::name : VariableUse::Form::string,
                    false,
                    {begin, end + (quote != '\0' ? 1 : 0)}};
    QUERN_TRY(const auto value, value_of(use, variables_, dialect_, room_));
    at_ = use.span.end;
    return quote == '\0' ? variables_.at(use.name) : value;
  }

  std::string_view text_;
  std::size_t at_;
  const Variables& variables_;
  Dialect dialect_;
  std::size_t& room_;
};

constexpr std::size_t kAnyNumber = 1000;
using enum CommandKind;

/// In the order of help.
constexpr std::array<CommandForm, 23> kForms{{
    {"d", query, 0, 1, "\\d [name]", "tables and views, or the columns of one"},
    {"dt", query, 0, 1, "\\dt [pattern]", "tables; * stands for any letters"},
    {"dm", query, 0, 1, "\\dm [model]", "models, or what is known of one"},
    {"l", query, 0, 0, "\\l", "databases"},
    {"set", script, 0, 2, "\\set name value", "gives :name a value; alone it lists all"},
    {"unset", script, 1, 1, "\\unset name", "takes the value away"},
    {"echo", script, 0, kAnyNumber, "\\echo words", "says the words in their turn"},
    {"i", script, 1, 1, "\\i file", "runs the statements of a file"},
    {"q", script, 0, 0, "\\q", "leaves; in a file, ends it there"},
    {"x", view, 0, 1, "\\x [on|off]", "a line for each value instead of a table"},
    {"timing", view, 0, 1, "\\timing [on|off]", "says how long each statement takes"},
    {"format", view, 1, 1, "\\format table|csv|jsonl|markdown", "how rows are written"},
    {"o", view, 0, 1, "\\o [file]", "writes rows to a file from now on; alone it ends that"},
    {"c", prompt, 0, 1, "\\c [uri]", "another database in place of this one"},
    {"conninfo", prompt, 0, 0, "\\conninfo", "which database this is"},
    {"e", prompt, 0, 1, "\\e [file]", "the statement, or a file, in $VISUAL or $EDITOR"},
    {"g", prompt, 0, 1, "\\g [file]", "ends a statement as ; does; runs the last one again"},
    {"gx", prompt, 0, 0, "\\gx", "the same, a line for each value"},
    {"watch", prompt, 0, 1, "\\watch [seconds]",
     "runs the statement again and again, until Ctrl-C"},
    {"s", prompt, 0, 1, "\\s [file]", "what was typed, to the screen or a file"},
    {"r", prompt, 0, 0, "\\r", "forgets what was typed of a statement"},
    {"h", prompt, 0, kAnyNumber, "\\h [clause]", "how a clause is written"},
    {"?", prompt, 0, 0, "\\?", "this list"},
}};

std::string list_of_commands() {
  std::string out;
  for (const auto& form : kForms) {
    if (form.kind == prompt) continue;
    out += (out.empty() ? "\\" : " \\") + std::string(form.name);
  }
  return out;
}

Diagnostic unknown_command(const std::string& name, SourceSpan span) {
  std::vector<std::string> known;
  for (const auto& form : kForms) known.emplace_back(form.name);
  const auto near = nearest(name, known);
  return {
      Code::bad_command, "unknown command `\\" + name + "`", span,
      near.empty() ? "the commands are " + list_of_commands() : "did you mean `\\" + near + "`?"};
}

}  // namespace

std::span<const CommandForm> command_forms() { return kForms; }

bool is_command(std::string_view text, std::size_t at) {
  if (text[at] != '\\' || at + 1 == text.size()) return false;
  if (std::isalpha(static_cast<unsigned char>(text[at + 1])) == 0) return false;
  const auto before = text.substr(0, at);
  const auto last = before.find_last_not_of(" \t\f\v");
  return last == std::string_view::npos || before[last] == '\n' || before[last] == '\r' ||
         (last == 2 && before.starts_with("\xEF\xBB\xBF"));
}

std::optional<SourceSpan> find_command(std::string_view text, std::size_t at, Dialect dialect) {
  while (at < text.size()) {
    if (text.substr(at).starts_with("\xEF\xBB\xBF"))
      at += 3;
    else if (blank(text[at]))
      ++at;
    else if (const auto behind = behind_comment(text, at, dialect); behind != at)
      at = behind;
    else
      break;
  }
  if (at >= text.size() || !is_command(text, at)) return std::nullopt;
  return SourceSpan{at, std::min(text.find_first_of("\r\n", at), text.size())};
}

Result<ScriptCommand> parse_command(std::string_view text, SourceSpan line,
                                    const Variables& variables, Dialect dialect,
                                    std::size_t& room) {
  auto name_end = line.begin + 1;
  while (name_end < line.end && !blank(text[name_end])) ++name_end;
  const std::string name(text.substr(line.begin + 1, name_end - line.begin - 1));
  const auto* form = std::find_if(kForms.begin(), kForms.end(),
                                  [&](const CommandForm& f) { return f.name == name; });
  if (form == kForms.end()) return unknown_command(name, {line.begin, name_end});
  if (form->kind == CommandKind::prompt) return ScriptCommand{name, form->kind, {}};
  QUERN_TRY(auto words, Words(text, {name_end, line.end}, variables, dialect, room).read());
  const bool named = name == "set" || name == "unset";
  if (words.size() < form->fewest || words.size() > form->most) {
    return Diagnostic{Code::bad_command, std::string("write `") + form->usage + "`", line,
                      words.size() > form->most ? "quote what holds blanks: 'two words'" : ""};
  }
  if (named && !words.empty() && !is_variable_name(words[0])) {
    return Diagnostic{Code::bad_command, "not a name for a variable: " + words[0], line,
                      "letters, digits and _"};
  }
  return ScriptCommand{name, form->kind, std::move(words)};
}

}  // namespace quern
