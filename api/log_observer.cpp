// One line for each beginning, end and problem.

#include "api/log_observer.h"

#include <cstdio>

namespace quern {
namespace {

/// As much of a statement as a line of a log can bear, on one line, without passwords.
std::string beginning_of(std::string_view statement) {
  constexpr std::size_t kShown = 100;
  auto out = mask_passwords(statement);
  for (auto& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  const auto shown = prefix_within(out, kShown);
  return shown.size() == out.size() ? out : std::string(shown) + " ...";
}

std::string in_seconds(double seconds) {
  char out[40];
  std::snprintf(out, sizeof out, " in %.3f s", seconds);
  return out;
}

}  // namespace

void LogObserver::say(Severity severity, const std::string& words) {
  if (log_)
    log_(severity, number_ == 0 ? words : "statement " + std::to_string(number_) + ": " + words);
}

void LogObserver::on_source(std::string_view name, std::string_view text) {
  text_ = text;
  observer_.on_source(name, text);
}

void LogObserver::on_statement(const StatementStart& start) {
  number_ = start.number;
  if (log_) say(Severity::note, beginning_of(text_.substr(start.span.begin, start.span.size())));
  observer_.on_statement(start);
}

void LogObserver::on_done(const Done& done) {
  const auto words = done.returned_rows ? counted(done.rows, "row") : done.message;
  say(Severity::note, (words.empty() ? "done" : words) + in_seconds(done.seconds));
  observer_.on_done(done);
}

void LogObserver::on_failed(double seconds) {
  say(Severity::error, "failed" + in_seconds(seconds));
  observer_.on_failed(seconds);
}

void LogObserver::on_diagnostic(const Diagnostic& problem) {
  const auto code =
      problem.severity == Severity::note ? "" : std::string(code_number(problem.code)) + " ";
  say(problem.severity, code + problem.message);
  observer_.on_diagnostic(problem);
}

}  // namespace quern
