// One entry after another: read, carried out, remembered.

#include "cli/prompt.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "cli/editor/line_editor.h"
#include "cli/editor/style.h"
#include "cli/history.h"
#include "cli/prompt_commands.h"
#include "cli/terminal.h"

namespace quern::cli {
namespace {

/// Where entries come from: an editor, or a terminal's own lines.
class EntrySource {
 public:
  virtual ~EntrySource() = default;
  /// Nullopt at the end. \param begin_with  is there already, where it can be edited.
  virtual std::optional<std::string> next(std::string begin_with) = 0;
  /// Another program takes the terminal.
  virtual void lend() {}
  /// Ctrl-C came while nothing ran.
  virtual void discard() {}
};

/// A statement that may end here is worth a look of the parser; a paste of ten thousand lines, line
/// by line, is not.
bool may_be_complete(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return true;
  const auto begin = text.substr(0, last).rfind('\n');
  const auto line = text.substr(begin == std::string_view::npos ? 0 : begin + 1);
  return line.find(';') != std::string_view::npos || line.find("--") != std::string_view::npos ||
         line.find("*/") != std::string_view::npos || line.find('#') != std::string_view::npos ||
         line.find('\\') != std::string_view::npos;
}

bool complete(const Session& session, std::string_view text) {
  if (!may_be_complete(text)) return text == "quit" || text == "exit" || text == "help";
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return true;
  if (text[first] == '\\' && text.find('\n', first) == std::string_view::npos) return true;
  if (ended_by_command(std::string(text), session.parts(text))) return true;
  return !session.needs_more_input(text);
}

class EditedEntries final : public EntrySource {
 public:
  EditedEntries(Session& session, History& history, const InterruptWatch& interrupts)
      : terminal_(interrupts),
        editor_(terminal_, history,
                {.complete = [&](std::string_view text) { return complete(session, text); },
                 .candidates = [&](std::string_view text,
                                   std::size_t at) { return session.complete(text, at); },
                 .inspect = [&](std::string_view text,
                                std::size_t at) { return session.inspect(text, at); },
                 .parts = [&](std::string_view text) { return session.parts(text); }},
                colours(STDOUT_FILENO)) {}

  std::optional<std::string> next(std::string begin_with) override {
    return editor_.read(std::move(begin_with));
  }
  void lend() override { terminal_.cooked(); }

 private:
  Terminal terminal_;
  LineEditor editor_;
};

/// For a terminal that cannot move its cursor.
class PlainEntries final : public EntrySource {
 public:
  explicit PlainEntries(Session& session) : session_(session) {}

  std::optional<std::string> next(std::string begin_with) override {
    if (!begin_with.empty()) std::printf("%s\n", begin_with.c_str());
    pending_ = std::move(begin_with);
    ask();
    for (std::string line; std::getline(std::cin, line); ask()) {
      if (discard_.exchange(false)) pending_.clear();
      pending_ += (pending_.empty() ? "" : "\n") + line;
      if (complete(session_, pending_)) return pending_;
    }
    return std::nullopt;
  }

  void discard() override {
    discard_ = true;  // the terminal has thrown away the line being typed
    std::fputs("\nquern> ", stdout);
    std::fflush(stdout);
  }

 private:
  void ask() const {
    std::fputs(pending_.empty() ? "quern> " : "   ..> ", stdout);
    std::fflush(stdout);
  }

  Session& session_;
  std::string pending_;
  std::atomic<bool> discard_ = false;
};

class Prompt {
 public:
  Prompt(Session& session, const SessionOptions& options, PromptConsole& console,
         InterruptWatch& interrupts)
      : session_(session),
        console_(console),
        interrupts_(interrupts),
        history_(History::default_path()),
        work_{session,
              options,
              console,
              history_,
              [this](const std::string& text) { return run(text); },
              [this](double seconds) { return wait(seconds); },
              [this] { entries_->lend(); }} {
    if (Terminal::can_edit())
      entries_ = std::make_unique<EditedEntries>(session, history_, interrupts);
    else
      entries_ = std::make_unique<PlainEntries>(session);
    console_.attend(
        [this] { session_.cancel(); },
        [this](const std::string& name) { return session_.variable(name).value_or(""); });
    interrupts_.on_interrupt([this] { on_interrupt(); });
  }
  ~Prompt() {
    interrupts_.on_interrupt([] {});
    console_.attend([] {}, [](const std::string&) { return std::string(); });
  }
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  int loop() {
    std::printf("quern %s on %s. \\? for help.\n", library_version(), session_.engine().c_str());
    std::fflush(stdout);
    std::string begin_with;
    while (!interrupts_.ending()) {
      const auto entry = entries_->next(std::exchange(begin_with, {}));
      if (!entry) break;
      if (!carry_out(*entry, begin_with)) break;
    }
    if (interrupts_.ending()) return 128 + interrupts_.ended_by();
    return 0;
  }

 private:
  /// False where the session is over.
  bool carry_out(const std::string& entry, std::string& begin_with) {
    if (entry.find_first_not_of(" \t\r\n") == std::string::npos) return true;
    history_.add(entry);
    PromptCommands commands(work_);
    switch (commands.handle(entry, begin_with)) {
      case Handled::quit: return false;
      case Handled::yes:
      case Handled::edit: return true;
      case Handled::no: break;
    }
    const auto first = entry.find_first_not_of(" \t\r\n");
    if (entry[first] != '\\') work_.last = entry;
    run(entry);
    return true;
  }

  bool run(const std::string& text) {
    set_running(true);
    RunOptions how{.name = "<input>"};
    how.view_commands = true;
    const auto sum = session_.run(text, console_, how);
    console_.settle();
    return set_running(false) && sum.ok();
  }

  /// False where Ctrl-C came meanwhile.
  bool set_running(bool running) {
    const std::lock_guard lock(mutex_);
    running_ = running;
    return !std::exchange(interrupted_, false);
  }

  void on_interrupt() {
    {
      const std::lock_guard lock(mutex_);
      interrupted_ = running_ || waiting_;
      if (running_) session_.cancel();
    }
    waited_.notify_all();
    if (!running_ && !waiting_ && !interrupts_.ending()) entries_->discard();
  }

  bool wait(double seconds) {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    const bool stopped = waited_.wait_for(lock, std::chrono::duration<double>(seconds),
                                          [this] { return interrupted_; });
    waiting_ = interrupted_ = false;
    return !stopped && !interrupts_.ending();
  }

  Session& session_;
  PromptConsole& console_;
  InterruptWatch& interrupts_;
  History history_;
  PromptWork work_;
  std::unique_ptr<EntrySource> entries_;
  std::mutex mutex_;
  std::condition_variable waited_;
  bool running_ = false;
  bool waiting_ = false;
  bool interrupted_ = false;
};

}  // namespace

int run_prompt(Session& session, const SessionOptions& options, PromptConsole& console,
               InterruptWatch& interrupts) {
  // Who leaves the pager early closes a pipe that is being written to.
  (void)std::signal(SIGPIPE, SIG_IGN);
  return Prompt(session, options, console, interrupts).loop();
}

}  // namespace quern::cli
