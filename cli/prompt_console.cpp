// Where the rows of a prompt go.

#include "cli/prompt_console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/bars.h"
#include "cli/editor/style.h"

namespace quern::cli {
namespace {

std::size_t terminal_rows() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return 24;
  return size.ws_row;
}

}  // namespace

PromptConsole::PromptConsole(Format format, std::FILE* out) : Console(format, out) {
  attend([] {}, [](const std::string&) { return std::string(); });
}

void PromptConsole::attend(std::function<void()> stop,
                           std::function<std::string(const std::string&)> variable) {
  stop_ = std::move(stop);
  variable_ = std::move(variable);
}

bool PromptConsole::is_off(const std::string& variable) const {
  const auto value = variable_(variable);
  return value == "off" || value == "0" || value == "false";
}

bool PromptConsole::on_terminal() const { return out() == stdout && isatty(STDOUT_FILENO) == 1; }

std::FILE* PromptConsole::rows_stream() {
  if (!on_terminal() || is_off("pager")) return out();
  pager_ = std::make_unique<Pager>(terminal_rows(), [this] {
    left_ = true;
    stop_();
  });
  return pager_->stream();
}

PrintOptions PromptConsole::print_options() const {
  PrintOptions options{.expanded = expanded(), .live = true};
  if (on_terminal()) {
    options.columns = terminal_width(STDOUT_FILENO);
    options.bars = is_off("charts") ? 0 : options.columns;
    options.colour = colours(STDOUT_FILENO) && (is_off("pager") || pager_has_colours());
  }
  if (auto null = variable_("null"); !null.empty()) options.null = std::move(null);
  return options;
}

void PromptConsole::say(const std::string& words) { std::fprintf(stderr, "%s\n", words.c_str()); }

void PromptConsole::on_batch(const ColumnBatch& batch) {
  if (left_) return;
  Console::on_batch(batch);
}

void PromptConsole::settle() {
  if (pager_) pager_->end();
  pager_.reset();
  renew_printer();
  left_ = false;
  clear_line();
}

void PromptConsole::end_rows(const Done& done) {
  Console::end_rows(done);
  if (pager_) pager_->end();
}

void PromptConsole::on_done(const Done& done) {
  Console::on_done(done);
  settle();
}

void PromptConsole::on_failed(double seconds) {
  if (pager_) pager_->end();
  if (!left_) Console::on_failed(seconds);
  settle();
}

void PromptConsole::on_diagnostic(const Diagnostic& problem) {
  if (left_ && problem.code == Code::cancelled) return;  // the user knows
  if (pager_ && problem.severity == Severity::error) pager_->end();
  Console::on_diagnostic(problem);
}

void PromptConsole::on_progress(const Progress& progress) {
  if (!pager_ || !pager_->running()) Console::on_progress(progress);
}

}  // namespace quern::cli
