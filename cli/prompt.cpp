// One entry after another: read, carried out, remembered.

#include "cli/prompt.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "cli/editor/line_editor.h"
#include "cli/editor/style.h"
#include "cli/history.h"
#include "cli/prompt_commands.h"
#include "cli/terminal.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

/// Where entries come from: an editor, or a terminal's own lines.
class EntrySource {
 public:
  virtual ~EntrySource() = default;
  /// Nullopt at the end. \param begin_with  is there already, where it can be edited.
  virtual std::optional<std::string> next(std::string begin_with) = 0;
  /// The terminal was closed.
  virtual bool gone() const { return false; }
  /// Another program takes the terminal.
  virtual void lend() {}
  /// See AskTerminal; a terminal without an editor is not asked.
  virtual void question(std::string_view /*words*/,
                        const std::function<bool(std::string&)>& /*answered*/) {}
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

/// The session, while it is being opened and afterwards. Threads: that of the prompt.
class Opening {
 public:
  Opening(const std::function<Result<Session>()>& open, const InterruptWatch& interrupts)
      : opened_(promise_.get_future()), thread_([this, open, &interrupts] {
          auto session = open();
          const bool failed = !session;
          if (session && Terminal::can_edit()) session->prepare_completion();
          promise_.set_value(std::move(session));
          // Who is woken asks failed(), so the answer must be there before.
          if (failed) interrupts.wake();
        }) {}

  /// Waits for it; null where there is none.
  Session* session() {
    if (opened_.valid()) take();
    return session_ ? &*session_ : nullptr;
  }
  /// True where it is known by now that there will be none.
  bool failed() {
    const auto now = std::chrono::seconds(0);
    if (opened_.valid() && opened_.wait_for(now) == std::future_status::ready) take();
    return !opened_.valid() && !session_;
  }
  const Diagnostics& errors() const { return errors_; }

 private:
  void take() {
    auto opened = opened_.get();
    if (opened)
      session_.emplace(*std::move(opened));
    else
      errors_ = std::move(opened).errors();
  }

  std::promise<Result<Session>> promise_;
  std::future<Result<Session>> opened_;
  std::optional<Session> session_;
  Diagnostics errors_;
  std::jthread thread_;  ///< last: it is joined before the others go
};

/// What the editor asks of a session; one that could not be opened knows nothing.
TextKnowledge knowledge_of(Opening& opening) {
  return {.complete =
              [&](std::string_view text) {
                auto* session = opening.session();
                return session == nullptr || complete(*session, text);
              },
          .candidates =
              [&](std::string_view text, std::size_t at) {
                auto* session = opening.session();
                return session == nullptr ? Completion{} : session->complete(text, at);
              },
          .inspect =
              [&](std::string_view text, std::size_t at) {
                auto* session = opening.session();
                return session == nullptr ? Inspection{} : session->inspect(text, at);
              },
          .parts =
              [&](std::string_view text) {
                auto* session = opening.session();
                return session == nullptr ? std::vector<TextPart>{} : session->parts(text);
              },
          .over = [&] { return opening.failed(); }};
}

class EditedEntries final : public EntrySource {
 public:
  EditedEntries(Opening& opening, History& history, const InterruptWatch& interrupts)
      : terminal_(interrupts),
        editor_(terminal_, history, knowledge_of(opening), colours(STDOUT_FILENO)) {}

  std::optional<std::string> next(std::string begin_with) override {
    return editor_.read(std::move(begin_with));
  }
  void lend() override { terminal_.cooked(); }
  void question(std::string_view words,
                const std::function<bool(std::string&)>& answered) override {
    editor_.type_ahead(terminal_.ask(words, answered));
  }
  bool gone() const override { return editor_.gone(); }

 private:
  Terminal terminal_;
  LineEditor editor_;
};

/// For a terminal that cannot move its cursor.
class PlainEntries final : public EntrySource {
 public:
  explicit PlainEntries(Opening& opening) : opening_(opening) {}

  std::optional<std::string> next(std::string begin_with) override {
    if (!begin_with.empty()) std::printf("%s\n", begin_with.c_str());
    pending_ = std::move(begin_with);
    ask();
    for (std::string line; std::getline(std::cin, line); ask()) {
      if (discard_.exchange(false)) pending_.clear();
      pending_ += (pending_.empty() ? "" : "\n") + line;
      const auto* session = opening_.session();
      if (session == nullptr || complete(*session, pending_)) return pending_;
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

  Opening& opening_;
  std::string pending_;
  std::atomic<bool> discard_ = false;
};

class Prompt {
 public:
  Prompt(const std::function<Result<Session>()>& open, const SessionOptions& options,
         PromptConsole& console, InterruptWatch& interrupts)
      : options_(options),
        console_(console),
        interrupts_(interrupts),
        opening_(open, interrupts),
        history_(History::default_path()) {
    if (Terminal::can_edit())
      entries_ = std::make_unique<EditedEntries>(opening_, history_, interrupts);
    else
      entries_ = std::make_unique<PlainEntries>(opening_);
    console_.attend(
        [this] { session().cancel(); },
        [this](const std::string& name) { return session().variable(name).value_or(""); },
        [this](std::string_view words, const std::function<bool(std::string&)>& answered) {
          entries_->question(words, answered);
        });
    interrupts_.on_interrupt([this] { on_interrupt(); });
  }
  ~Prompt() {
    interrupts_.on_interrupt([] {});
    console_.attend([] {}, [](const std::string&) { return std::string(); }, {});
  }
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  int loop() {
    const auto place = options_.uri.empty() ? "the default database" : mask_passwords(options_.uri);
    std::printf("quern %s on %s. \\? for help.\n", library_version(), visible(place).c_str());
    std::fflush(stdout);
    std::string begin_with;
    while (!interrupts_.ending() && !opening_.failed()) {
      if (work_ && Terminal::can_edit()) session().prepare_completion();
      const auto entry = entries_->next(std::exchange(begin_with, {}));
      if (!entry || opening_.session() == nullptr || !carry_out(*entry, begin_with)) break;
    }
    if (interrupts_.ending()) return 128 + interrupts_.ended_by();
    if (entries_->gone()) return 128 + SIGHUP;
    if (opening_.session() != nullptr) return 0;
    for (const auto& problem : opening_.errors())
      console_.on_diagnostic(mask_passwords(problem, ""));
    return 1;
  }

 private:
  /// Behind the first entry there is one.
  Session& session() { return *opening_.session(); }

  /// False where the session is over.
  bool carry_out(const std::string& entry, std::string& begin_with) {
    const auto first = entry.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return true;
    history_.add(entry);
    if (!work_) begin_work();
    switch (PromptCommands(*work_).handle(entry, begin_with)) {
      case Handled::quit: return false;
      case Handled::yes:
      case Handled::edit: return true;
      case Handled::no: break;
    }
    if (entry[first] != '\\') work_->last = entry;
    run(entry);
    return true;
  }

  void begin_work() {
    work_.emplace(PromptWork{session(), options_, console_, history_,
                             [this](const std::string& text) { return run(text); },
                             [this](double seconds) { return wait(seconds); },
                             [this] { entries_->lend(); }});
  }

  bool run(const std::string& text) {
    set_running(true);
    RunOptions how{.name = "<input>"};
    how.view_commands = true;
    const auto sum = session().run(text, console_, how);
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
      if (running_) session().cancel();
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

  SessionOptions options_;
  PromptConsole& console_;
  InterruptWatch& interrupts_;
  Opening opening_;
  History history_;
  std::optional<PromptWork> work_;
  std::unique_ptr<EntrySource> entries_;
  std::mutex mutex_;
  std::condition_variable waited_;
  bool running_ = false;
  bool waiting_ = false;
  bool interrupted_ = false;
};

}  // namespace

int run_prompt(const std::function<Result<Session>()>& open, const SessionOptions& options,
               PromptConsole& console, InterruptWatch& interrupts) {
  // Who leaves the pager early closes a pipe that is being written to.
  (void)std::signal(SIGPIPE, SIG_IGN);
  return Prompt(open, options, console, interrupts).loop();
}

}  // namespace quern::cli
