// One pass over the pieces of the splitter. Between two of them a line may be a command; inside
// one, colons are looked at with the tokens around them.

#include "parser/script.h"

#include <algorithm>
#include <utility>

#include "QuernLexer.h"
#include "base/similar.h"
#include "parser/lexeme.h"
#include "parser/script_command.h"
#include "parser/script_parameter.h"
#include "parser/script_variable.h"
#include "parser/splitter.h"

namespace quern {
namespace {

constexpr std::size_t kDeepestInclude = 16;
constexpr std::size_t kMostIncludes = 1000;  ///< of a tree that deep there could be any number

class Expander {
 public:
  Expander(Script& out, Variables& variables, Dialect dialect, const IncludeReader& include,
           const ScriptValues& values, const CommandMeaning& commands)
      : out_(out),
        variables_(variables),
        dialect_(dialect),
        include_(include),
        parameters_(values.parameters),
        named_(values.named),
        commands_(commands) {}

  void expand_all() {
    expand_source(0);
    if (const auto used = parameters_.check_used(); !used && out_.problems.empty())
      complain(0, used.errors().front());
  }

 private:
  /// \param source  index in out.sources, whose text is copied: including others moves them.
  void expand_source(std::size_t source) {
    const auto text = out_.sources[source].text;
    if (text.find_first_of(parameters_.any() ? ":$\\?" : ":$\\") == std::string::npos)
      return copy(source, text, {0, text.size()});
    Splitter splitter(text);
    std::size_t at = 0;
    while (at < text.size()) {
      const auto command = find_command(text, at, dialect_);
      if (command) {
        copy(source, text, {at, command->begin});
        if (!run_command(source, text, *command)) return;
        at = command->end;
        if (at < text.size()) splitter.skip_to(at);
        continue;
      }
      const auto piece = splitter.next(dialect_);
      if (!piece) break;
      expand_piece(source, text, *piece);
      at = piece->end;
    }
  }

  void copy(std::size_t source, std::string_view text, SourceSpan span) {
    if (span.size() == 0) return;
    out_.text += text.substr(span.begin, span.size());
    out_.map.add(span.size(), source, span, true);
  }

  void complain(std::size_t source, Diagnostic problem) {
    if (out_.problems.size() < 10) out_.problems.push_back({source, std::move(problem)});
  }

  /// A text in the place of another.
  struct Substitute {
    SourceSpan span;
    Result<std::string> value;
  };

  /// `:name` of a value that came with the script is a literal; other forms write its text.
  Result<std::string> variable(std::string_view text, const VariableUse& use) {
    const auto found = named_.find(use.name);
    if (found == named_.end()) return value_of(use, variables_, dialect_, room_);
    const bool literal = use.form == VariableUse::Form::bare && text[use.span.begin] == ':';
    if (!literal) return value_of(use, {{use.name, found->second.text}}, dialect_, room_);
    const auto& [in_query, in_clause] = found->second.literal;
    if (use.in_clause && !in_clause) {
      return Diagnostic{Code::variable_value,
                        "parameter " + use.name + " has a value that no clause takes", use.span};
    }
    const auto& value = use.in_clause ? *in_clause : in_query;
    QUERN_CHECK(take_room(value.size(), room_, use.span));
    return value;
  }

  std::vector<Substitute> substitutes(std::string_view text, const Piece& piece) {
    std::vector<Substitute> out;
    for (const auto& use : find_variables(text, piece))
      out.push_back({use.span, variable(text, use)});
    if (!parameters_.any()) return out;
    for (const auto& use : find_parameters(text, piece, dialect_))
      out.push_back({use.span, parameters_.value_of(use)});
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
    return out;
  }

  void expand_piece(std::size_t source, std::string_view text, const Piece& piece) {
    check_no_command(source, text, piece);
    auto at = piece.begin;
    for (const auto& [span, value] : substitutes(text, piece)) {
      copy(source, text, {at, span.begin});
      at = span.end;
      if (!value) {
        complain(source, value.errors().front());
        continue;
      }
      out_.text += *value;
      out_.map.add(value->size(), source, span, false);
    }
    copy(source, text, {at, piece.end});
  }

  /// A command in the middle of a statement: its semicolon was forgotten.
  void check_no_command(std::size_t source, std::string_view text, const Piece& piece) {
    for (const auto& lexeme : piece.lexemes) {
      if (lexeme.in(text) != "\\" || !is_command(text, lexeme.begin)) continue;
      const auto end = text.find_first_of(" \t\r\n", lexeme.begin);
      const SourceSpan span{lexeme.begin, std::min(end, text.size())};
      return complain(
          source, {Code::bad_command,
                   "`" + std::string(text.substr(span.begin, span.size())) + "` inside a statement",
                   span, "end the statement before it with `;`"});
    }
  }

  /// False where the source ends here.
  bool run_command(std::size_t source, std::string_view text, SourceSpan line) {
    auto parsed = parse_command(text, line, variables_, dialect_, room_);
    if (!parsed) {
      complain(source, parsed.errors().front());
      return true;
    }
    if (parsed->name == "q") return false;
    switch (parsed->kind) {
      case CommandKind::script: run_own(source, *parsed, line); break;
      case CommandKind::query: put_query(source, *parsed, line); break;
      case CommandKind::view: keep(source, *std::move(parsed), line); break;
      case CommandKind::prompt: refuse(source, *parsed, line, "works at a prompt only"); break;
    }
    return true;
  }

  void refuse(std::size_t source, const ScriptCommand& command, SourceSpan line,
              const std::string& why) {
    complain(source, {Code::bad_command, "`\\" + command.name + "` " + why, line,
                      command.name == "c" ? "ATTACH 'uri' AS name, then USE name" : ""});
  }

  void put_query(std::size_t source, const ScriptCommand& command, SourceSpan line) {
    if (!commands_.sql) return refuse(source, command, line, "has no meaning here");
    auto sql = commands_.sql(command.name, command.words);
    if (!sql) {
      auto problem = sql.errors().front();
      problem.span = line;
      return complain(source, problem);
    }
    *sql += ";\n";
    out_.text += *sql;
    out_.map.add(sql->size(), source, line, false);
  }

  void keep(std::size_t source, ScriptCommand command, SourceSpan line) {
    if (!commands_.views) return refuse(source, command, line, "has no meaning here");
    out_.commands.push_back(
        {out_.text.size(), std::move(command.name), std::move(command.words), source, line});
  }

  void run_own(std::size_t source, const ScriptCommand& command, SourceSpan line) {
    const auto& words = command.words;
    if (command.name == "set" && words.empty()) return list(source, line);
    if (command.name == "set") variables_[words[0]] = words.size() > 1 ? words[1] : "";
    if (command.name == "unset") variables_.erase(words[0]);
    if (command.name == "echo") out_.echoes.push_back({out_.text.size(), joined(words)});
    if (command.name == "i") include(source, words[0], line);
  }

  static std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
  }

  void list(std::size_t source, SourceSpan line) {
    for (const auto& [name, value] : variables_) {
      if (auto taken = take_room(value.size(), room_, line); !taken)
        return complain(source, taken.errors().front());
      out_.echoes.push_back({out_.text.size(), name + " = " + value});
    }
  }

  void include(std::size_t source, const std::string& name, SourceSpan line) {
    if (depth_ == kDeepestInclude) {
      return complain(
          source, {Code::bad_command, "files include each other more than 16 deep: " + name, line});
    }
    if (out_.sources.size() > kMostIncludes) {
      return complain(source,
                      {Code::bad_command, "more than 1,000 files are included: " + name, line});
    }
    auto found = include_(name, out_.sources[source].name);
    if (!found) {
      auto problem = found.errors().front();
      problem.span = line;
      return complain(source, problem);
    }
    out_.sources.push_back(*std::move(found));
    ++depth_;
    expand_source(out_.sources.size() - 1);
    --depth_;
    // What it leaves open must not swallow what follows.
    out_.text += "\n";
    out_.map.add(1, source, line, false);
  }

  Script& out_;
  Variables& variables_;
  Dialect dialect_;
  const IncludeReader& include_;
  ParameterValues parameters_;
  const std::map<std::string, NamedText>& named_;
  const CommandMeaning& commands_;
  std::size_t depth_ = 0;
  std::size_t room_ = kMostValueBytes;
};

}  // namespace

void TextMap::add(std::size_t length, std::size_t source, SourceSpan span, bool verbatim) {
  if (length > 0) parts_.push_back({size_, source, span, verbatim});
  size_ += length;
}

const TextMap::Part* TextMap::part_at(std::size_t offset) const {
  const auto behind =
      std::upper_bound(parts_.begin(), parts_.end(), offset,
                       [](std::size_t at, const Part& part) { return at < part.begin; });
  return behind == parts_.begin() ? nullptr : &*std::prev(behind);
}

TextMap::Place TextMap::place(SourceSpan span) const {
  const auto* first = span.known() ? part_at(span.begin) : nullptr;
  if (first == nullptr) return {};
  const auto clipped = [](const Part& part, std::size_t offset) {
    return std::min(part.span.begin + (offset - part.begin), part.span.end);
  };
  const auto begin = first->verbatim ? clipped(*first, span.begin) : first->span.begin;
  const auto* last = span.end > span.begin ? part_at(span.end - 1) : first;
  if (last->source != first->source) return {first->source, {begin, first->span.end}};
  if (span.end == span.begin)
    return {first->source, {begin, first->verbatim ? begin : first->span.end}};
  return {first->source, {begin, last->verbatim ? clipped(*last, span.end) : last->span.end}};
}

Script expand(Source source, Variables& variables, Dialect dialect, const IncludeReader& include,
              const ScriptValues& values, const CommandMeaning& commands) {
  Script out;
  out.sources.push_back(std::move(source));
  Expander(out, variables, dialect, include, values, commands).expand_all();
  return out;
}

}  // namespace quern
