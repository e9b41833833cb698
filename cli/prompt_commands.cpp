// One function a command.

#include "cli/prompt_commands.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "api/help.h"
#include "cli/child.h"
#include "cli/diagnostic_text.h"
#include "cli/editor/style.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

constexpr double kWatchSeconds = 2;

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first));
}

/// As the shell takes it for one word.
std::string shell_word(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string editor() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "vi";
}

/// A file of this user's alone that goes with this object.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& text) {
    const char* folder = std::getenv("TMPDIR");
    path_ =
        std::string(folder == nullptr || *folder == '\0' ? "/tmp" : folder) + "/quern-XXXXXX.sql";
    const int file = ::mkstemps(path_.data(), 4);
    if (file < 0) return;
    made_ = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(file);
    if (!made_) ::unlink(path_.c_str());  // half of it helps nobody
  }
  ~ScratchFile() {
    if (made_) ::unlink(path_.c_str());
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  bool made() const { return made_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

/// Seconds of `\watch`; nullopt for what is no number above zero.
std::optional<double> seconds_of(const std::vector<std::string>& words) {
  if (words.empty()) return kWatchSeconds;
  double out = 0;
  const auto& word = words[0];
  const auto read = std::from_chars(word.data(), word.data() + word.size(), out);
  const bool whole = read.ec == std::errc() && read.ptr == word.data() + word.size();
  return whole && out > 0 && out < 1e6 ? std::optional(out) : std::nullopt;
}

constexpr std::array<std::string_view, 5> kEnding{"g", "gx", "watch", "r", "e"};

}  // namespace

std::optional<EndedByCommand> ended_by_command(const std::string& entry,
                                               const std::vector<TextPart>& parts) {
  for (auto i = parts.size(); i-- > 1;) {
    const auto& mark = parts[i];
    if (mark.kind != TextPartKind::symbol || entry[mark.span.begin] != '\\') continue;
    if (i + 1 == parts.size() || parts[i + 1].span.begin != mark.span.end) return std::nullopt;
    const auto& word = parts[i + 1].span;
    const auto name = std::string_view(entry).substr(word.begin, word.size());
    const bool known = std::find(kEnding.begin(), kEnding.end(), name) != kEnding.end();
    const auto command = trimmed(std::string_view(entry).substr(mark.span.begin));
    if (!known || command.find('\n') != std::string::npos) return std::nullopt;
    return EndedByCommand{trimmed(std::string_view(entry).substr(0, mark.span.begin)), command};
  }
  return std::nullopt;
}

std::optional<PromptCommands::Call> PromptCommands::read(const std::string& entry) {
  const auto line = trimmed(entry);
  if (line == "quit" || line == "exit") return Call{"q", {}, ""};
  if (line == "help") return Call{"?", {}, ""};
  if (!line.starts_with('\\') || line.find('\n') != std::string::npos) return std::nullopt;
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  Call call{line.substr(1, end - 1), {}, trimmed(std::string_view(line).substr(end))};
  if (call.name.ends_with(';')) call.name.pop_back();  // a habit
  std::istringstream words(call.rest);
  for (std::string word; words >> word;) {
    if (word.size() > 1 && word.front() == '\'' && word.back() == '\'')
      word = word.substr(1, word.size() - 2);
    call.words.push_back(word);
  }
  return call;
}

void PromptCommands::complain(const std::string& message, const std::string& hint) const {
  const Diagnostic problem{Code::bad_command, message, SourceSpan::none(), hint};
  std::fputs(for_terminal(render(problem, "", ""), colours(STDERR_FILENO)).c_str(), stderr);
}

Handled PromptCommands::handle(const std::string& entry, std::string& text) {
  if (const auto ended = ended_by_command(entry, work_.session.parts(entry))) {
    auto call = *read(ended->command);
    if (call.name == "r") return Handled::yes;
    work_.last = ended->statement;
    return carry_out(call, text);
  }
  const auto call = read(entry);
  return call ? carry_out(*call, text) : Handled::no;
}

Handled PromptCommands::carry_out(const Call& call, std::string& text) {
  const auto& name = call.name;
  if (name == "q") return Handled::quit;
  if (name == "r") return Handled::yes;
  if (name == "e") return edit(call, text) ? Handled::edit : Handled::yes;
  if (name == "?")
    help();
  else if (name == "h")
    help_of(call.rest);
  else if (name == "c")
    connect(call);
  else if (name == "conninfo")
    tell_connection();
  else if (name == "watch")
    watch(call);
  else if (name == "g" || name == "gx")
    again(call);
  else if (name == "s")
    show_history(call);
  else if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0])) == 0)
    complain("unknown command `\\" + name + "`", "\\? lists the commands");
  else
    return Handled::no;
  return Handled::yes;
}

void PromptCommands::help() const {
  std::puts(
      "A statement ends with ; and may have many lines. Ctrl-C stops it; \\q or Ctrl-D leaves.");
  std::puts("Tab completes, Alt-h explains a word, Ctrl-R searches what was typed.\n");
  std::size_t width = 0;
  for (const auto& command : command_help()) width = std::max(width, command.usage.size());
  for (const auto& [usage, doc] : command_help()) {
    std::printf("  %-*s  %s\n", static_cast<int>(width), std::string(usage).c_str(),
                std::string(doc).c_str());
  }
  std::puts(
      "\n  \\set charts off   no charts (unicode, kitty, sixel: of that kind); \\set pager off   "
      "no pager\n"
      "  \\set null TEXT   what NULL "
      "looks like");
}

void PromptCommands::help_of(const std::string& clause) const {
  if (clause.empty()) {
    for (const auto& topic : help_topics())
      std::printf("  %-16s %s\n", std::string(topic.name).c_str(), std::string(topic.doc).c_str());
    return;
  }
  const auto* topic = find_topic(clause);
  if (topic == nullptr) return complain("no help for: " + clause, "\\h lists the clauses");
  std::printf("%s: %s\n%s\n", std::string(topic->name).c_str(), std::string(topic->doc).c_str(),
              std::string(topic->syntax).c_str());
}

void PromptCommands::tell_connection() const {
  const auto uri =
      work_.options.uri.empty() ? "the default database" : mask_passwords(work_.options.uri);
  std::printf("%s on %s\n", visible(uri).c_str(), work_.session.engine().c_str());
}

void PromptCommands::connect(const Call& call) {
  if (call.words.empty()) return tell_connection();
  auto options = work_.options;
  options.uri = call.words[0];
  auto opened = Session::open(options);
  if (!opened) {
    for (const auto& problem : opened.errors()) {
      const auto masked = mask_passwords(problem, "");
      std::fputs(for_terminal(render(masked, "", ""), colours(STDERR_FILENO)).c_str(), stderr);
    }
    std::fputs("the connection stays as it was\n", stderr);
    return;
  }
  work_.session = *std::move(opened);
  work_.options = options;
  tell_connection();
}

bool PromptCommands::edit(const Call& call, std::string& text) {
  std::optional<ScratchFile> scratch;
  auto path = call.rest;
  if (path.empty()) {
    scratch.emplace(work_.last + "\n");
    if (!scratch->made()) {
      complain("cannot write a file to edit: " + scratch->path(), "TMPDIR says where");
      return false;
    }
    path = scratch->path();
  }
  work_.lend();
  const auto child = start_shell(editor() + " " + shell_word(path), -1);
  const int status = child < 0 ? 127 : wait_for(child);
  if (status != 0) {
    complain("the editor ended with status " + std::to_string(status) + ": " + editor(),
             "EDITOR says which one it is");
    return false;
  }
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    complain("not a file: " + path);
    return false;
  }
  std::ifstream in(path, std::ios::binary);
  text = trimmed(std::string(std::istreambuf_iterator<char>(in), {}));
  return !text.empty();
}

void PromptCommands::watch(const Call& call) {
  if (work_.last.empty()) return complain("there is no statement to watch");
  const auto seconds = seconds_of(call.words);
  if (!seconds) return complain("not a number of seconds: " + call.words[0]);
  do {
    std::array<char, 40> now{};
    const auto time = std::time(nullptr);
    std::tm parts{};
    localtime_r(&time, &parts);
    std::strftime(now.data(), now.size(), "%F %T", &parts);
    std::printf("%s, every %g s\n", now.data(), *seconds);
    std::fflush(stdout);
    if (!work_.run(work_.last)) return;
  } while (work_.wait(*seconds));
}

void PromptCommands::again(const Call& call) {
  if (work_.last.empty()) return complain("there is no statement to run");
  const bool before = work_.console.expanded();
  if (call.name == "gx") work_.console.set_expanded(true);
  const auto statement = work_.last + (work_.last.ends_with(';') ? "" : ";");
  if (call.rest.empty()) {
    work_.run(statement);
  } else {
    work_.run("\\o '" + call.rest + "'\n" + statement + "\n\\o\n");
    work_.last = statement;
  }
  work_.console.set_expanded(before);
}

void PromptCommands::show_history(const Call& call) const {
  std::string text;
  for (const auto& entry : work_.history.entries()) text += mask_passwords(entry) + "\n";
  if (call.rest.empty()) {
    std::fputs(visible_lines(text).c_str(), stdout);
    return;
  }
  auto file = OutputFile::open(call.rest);
  if (file) {
    std::fwrite(text.data(), 1, text.size(), file->stream());
    const auto kept = file->keep();
    if (kept) return;
    return complain(kept.errors().front().message);
  }
  complain(file.errors().front().message);
}

}  // namespace quern::cli
