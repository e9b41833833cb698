// Progress as one updating line on a terminal, as plain lines elsewhere.

#include "cli/console.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cli/bars.h"
#include "cli/diagnostic_text.h"
#include "cli/editor/style.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool updating_lines() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

std::string number(double value, const char* format) {
  char out[40];
  std::snprintf(out, sizeof out, format, value);
  return out;
}

std::string rows_line(const char* verb, const Progress& p) {
  std::string out = std::string(verb) + " " + std::to_string(p.rows) + " rows";
  if (p.seconds > 0.5)
    out += ", " + number(static_cast<double>(p.rows) / p.seconds, "%.0f") + " rows/s";
  return out;
}

/// Which of several trainings it is.
std::string part_words(const Progress& p) {
  std::string out;
  if (p.trials > 0)
    out = "trial " + std::to_string(p.trial) + "/" + std::to_string(p.trials) + "  ";
  if (p.folds == 0) return out;
  if (p.fold == 0) return out + "all rows  ";
  return out + "fold " + std::to_string(p.fold) + "/" + std::to_string(p.folds) + "  ";
}

std::string round_line(const Progress& p) {
  auto out = part_words(p) + "round " + std::to_string(p.round) + "/" + std::to_string(p.rounds);
  for (const auto& [name, value] : p.metrics) out += "  " + name + " " + number(value, "%.5g");
  const double left = p.round > 0 ? p.seconds / p.round * (p.rounds - p.round) : 0;
  if (left >= 1) out += "  " + number(left, "%.0f") + " s left";
  return out;
}

/// "[######....]": rounds done.
std::string round_bar(const Progress& p) {
  constexpr int kWidth = 20;
  if (p.rounds <= 0) return "";
  const int done = static_cast<int>(static_cast<std::int64_t>(kWidth) * p.round / p.rounds);
  const bool blocks = utf8_locale();
  std::string out = "[";
  for (int i = 0; i < kWidth; ++i) out += i < done ? (blocks ? "█" : "#") : (blocks ? "░" : ".");
  return out + "] ";
}

std::string progress_line(const Progress& p) {
  switch (p.stage) {
    case Progress::Stage::scan: return rows_line("read", p);
    case Progress::Stage::fit: return "fitting features";
    case Progress::Stage::train: return round_line(p);
    case Progress::Stage::predict: return rows_line("predicted", p);
    case Progress::Stage::evaluate: return rows_line("evaluated", p);
    case Progress::Stage::explain: return rows_line("explained", p);
    case Progress::Stage::write: return rows_line("wrote", p);
  }
  return "";
}

std::string closing_line(const RunSummary& s, const RunOptions& options) {
  const auto number = [](std::size_t n) { return std::to_string(n); };
  auto out = counted(static_cast<std::int64_t>(s.statements), "statement");
  if (options.dry_run) out += ", " + number(s.not_checked) + " not checked";
  out += ", " + number(s.failed) + " failed";
  if (s.problems > 0)
    out += ", " + counted(static_cast<std::int64_t>(s.problems), "problem") + " in the text";
  return out;
}

}  // namespace

Console::Console(Format format, std::FILE* out)
    : Reporter(format, out), terminal_(updating_lines()), colour_(colours(STDERR_FILENO)) {}

void Console::clear_line() {
  if (line_shown_) std::fputs("\r\x1b[K", stderr);
  line_shown_ = false;
}

void Console::on_schema(const Schema& schema) {
  clear_line();
  Reporter::on_schema(schema);
}

void Console::on_batch(const ColumnBatch& batch) {
  clear_line();
  Reporter::on_batch(batch);
}

void Console::on_done(const Done& done) {
  clear_line();
  end_rows(done);
  if (!done.message.empty()) print_error_line(done.message);
  say_time(done.seconds);
}

void Console::on_failed(double seconds) { say_time(seconds); }

void Console::say_time(double seconds) {
  if (timing()) std::fprintf(stderr, "Time: %.3f ms\n", seconds * 1000);
}

void Console::print_error_line(const std::string& line) {
  std::fprintf(stderr, "%s\n", (terminal_ ? visible_lines(line) : line).c_str());
}

void Console::on_diagnostic(const Diagnostic& problem) {
  clear_line();
  std::fflush(out());
  const auto drawn = render(problem, text(), source());
  std::fputs((terminal_ ? for_terminal(drawn, colour_) : drawn).c_str(), stderr);
}

void Console::on_end(const RunSummary& summary, const RunOptions& options) {
  clear_line();
  if (options.keep_going || options.dry_run)
    std::fprintf(stderr, "%s\n", closing_line(summary, options).c_str());
}

/// A terminal sees ten updates a second, a log one line every ten seconds.
void Console::on_progress(const Progress& progress) {
  const double at = now();
  if (last_shown_ == 0 && !terminal_) last_shown_ = at;
  if (at - last_shown_ < (terminal_ ? 0.1 : 10.0)) return;
  last_shown_ = at;
  auto line = progress_line(progress);
  if (terminal_ && progress.stage == Progress::Stage::train) line.insert(0, round_bar(progress));
  // A line that wraps could not be replaced.
  if (terminal_) line = prefix_within(line, terminal_width(STDERR_FILENO) - 1);
  std::fprintf(stderr, terminal_ ? "\r\x1b[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  line_shown_ = terminal_;
}

}  // namespace quern::cli
