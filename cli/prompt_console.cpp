// Where the rows of a prompt go.

#include "cli/prompt_console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "cli/bars.h"
#include "cli/charts/charts.h"
#include "cli/editor/style.h"

namespace quern::cli {
namespace {

constexpr std::int64_t kMostDrawn = 1000000;  ///< rows
constexpr std::size_t kLeastRounds = 5;

/// The series that measure what the last one measures, which is what training looks at: one scale
/// holds no two metrics.
std::vector<ChartSeries> same_metric(const std::vector<ChartSeries>& all) {
  const auto metric = [](const std::string& name) { return name.substr(name.find(' ') + 1); };
  std::vector<ChartSeries> out;
  for (const auto& series : all) {
    if (metric(series.name) == metric(all.back().name)) out.push_back(series);
  }
  return out;
}

std::size_t terminal_rows() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return 24;
  return size.ws_row;
}

}  // namespace

PromptConsole::PromptConsole(Format format, std::FILE* out) : Console(format, out) {
  attend([] {}, [](const std::string&) { return std::string(); }, {});
}

void PromptConsole::attend(std::function<void()> stop,
                           std::function<std::string(const std::string&)> variable,
                           AskTerminal ask) {
  stop_ = std::move(stop);
  variable_ = std::move(variable);
  ask_ = std::move(ask);
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
    // Rows that may get bars are held until all are there.
    options.bars = is_off("charts") || !reports_ ? 0 : options.columns;
    options.colour = colours(STDOUT_FILENO) && (is_off("pager") || pager_has_colours());
  }
  if (auto null = variable_("null"); !null.empty()) options.null = std::move(null);
  return options;
}

void PromptConsole::say(const std::string& words) { std::fprintf(stderr, "%s\n", words.c_str()); }

void PromptConsole::on_statement(const StatementStart& start) {
  const auto words = text().substr(std::min(start.span.begin, text().size()), start.span.size());
  const auto mentions = [&](std::string_view word) {
    return std::search(words.begin(), words.end(), word.begin(), word.end(), [](char a, char b) {
             return std::toupper(static_cast<unsigned char>(a)) == b;
           }) != words.end();
  };
  reports_ = mentions("EVALUATE") || mentions("EXPLAIN");
  kept_.clear();
  kept_rows_ = 0;
  rounds_.clear();
  Console::on_statement(start);
}

void PromptConsole::on_schema(const Schema& schema) {
  schema_ = schema;
  Console::on_schema(schema);
}

void PromptConsole::on_batch(const ColumnBatch& batch) {
  if (left_) return;
  kept_rows_ += batch.rows;
  if (reports_ && kept_rows_ <= kMostDrawn && draws()) kept_.push_back(batch);
  Console::on_batch(batch);
  if (pager_) std::fflush(pager_->stream());
}

bool PromptConsole::draws() const {
  return isatty(STDOUT_FILENO) == 1 && utf8_locale() && !is_off("charts");
}

/// Metrics by round, of the training of all rows alone.
void PromptConsole::keep_round(const Progress& progress) {
  const bool itself = progress.fold == 0 && progress.trial == 0;
  if (progress.stage != Progress::Stage::train || !itself || progress.round == 0) return;
  if (rounds_.empty()) {
    for (const auto& [name, value] : progress.metrics) rounds_.push_back({name});
  }
  for (std::size_t i = 0; i < std::min(rounds_.size(), progress.metrics.size()); ++i)
    rounds_[i].points.emplace_back(progress.round, progress.metrics[i].second);
}

/// The terminal is asked once, and only where there is something to draw and the user has not said.
PictureRoom PromptConsole::room() {
  PictureRoom out{.columns = terminal_width(STDOUT_FILENO), .rows = terminal_rows()};
  const auto wish = variable_("charts");
  if (!colours(STDOUT_FILENO) || wish == "unicode") return out;
  if (wish == "kitty" || wish == "sixel") {
    out.terminal =
        picture_terminal(wish == "kitty" ? PictureProtocol::kitty : PictureProtocol::sixel);
    return out;
  }
  if (!asked_) asked_ = ask_ ? ask_for_pictures(ask_) : PictureTerminal{};
  out.terminal = *asked_;
  return out;
}

/// A picture where the terminal has some and all of it is seen at once, else characters.
std::string PromptConsole::drawn(const std::function<PictureChart(const PictureRoom&)>& picture,
                                 const std::function<std::string(std::size_t, bool)>& text) {
  const auto where = room();
  std::string out;
  if (where.terminal.protocol != PictureProtocol::none) out = painted(picture(where), where);
  return out.empty() ? text(where.columns, colours(STDOUT_FILENO)) : out;
}

void PromptConsole::draw(const Done& done) {
  if (!draws()) return;
  std::string chart;
  if (done.returned_rows && done.chart != Chart::none && kept_rows_ <= kMostDrawn) {
    chart =
        drawn([&](const auto& where) { return picture_report(done.chart, schema_, kept_, where); },
              [&](std::size_t columns, bool colour) {
                return draw_report(done.chart, schema_, kept_, columns, colour);
              });
  }
  if (!done.returned_rows && !rounds_.empty() && rounds_[0].points.size() >= kLeastRounds) {
    const LineChart rounds{.title = "by round", .x_name = "round", .series = same_metric(rounds_)};
    chart = drawn(
        [&](const auto& where) { return picture_lines(rounds, where); },
        [&](std::size_t columns, bool colour) { return draw_lines(rounds, columns, colour); });
  }
  std::fwrite(chart.data(), 1, chart.size(), stdout);
  std::fflush(stdout);
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
  if (!left_) draw(done);
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
  keep_round(progress);
  // Rows that are seen and a line that changes would be in each other's way.
  if (!pager_ || !pager_->begun()) Console::on_progress(progress);
}

}  // namespace quern::cli
