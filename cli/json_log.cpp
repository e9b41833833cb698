// Events as JSON lines.

#include "cli/json_log.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace quern::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kSecondsBetweenProgress = 1;

void write(const Json& event) {
  const auto line = event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

/// Line, column (in code points, from 1) and span (in bytes, from 0), as a drawing has them.
void add_place(Json& event, SourceSpan span, std::string_view text) {
  if (!span.known()) return;
  const auto before = text.substr(0, std::min(span.begin, text.size()));
  const auto line_begin = before.rfind('\n') + 1;  // 0 where there is none
  const auto in_line = before.substr(line_begin);
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  event["line"] = 1 + std::count(before.begin(), before.end(), '\n');
  event["column"] = 1 + std::count_if(in_line.begin(), in_line.end(), begins);
  event["span"] = {span.begin, span.end};
}

Json diagnostic(const Diagnostic& problem, std::string_view text, std::string_view source) {
  static constexpr const char* severities[] = {"error", "warning", "note"};
  Json event{{"event", "diagnostic"}, {"severity", severities[static_cast<int>(problem.severity)]}};
  if (problem.severity != Severity::note) event["code"] = code_number(problem.code);
  event["message"] = problem.message;
  if (problem.span.known()) event["source"] = source;
  add_place(event, problem.span, text);
  if (!problem.hint.empty()) event["hint"] = problem.hint;
  for (const auto& note : problem.notes) {
    Json one{{"message", note.message}};
    add_place(one, note.span, text);
    event["notes"].push_back(std::move(one));
  }
  return event;
}

const char* stage_name(Progress::Stage stage) {
  switch (stage) {
    case Progress::Stage::scan: return "scan";
    case Progress::Stage::fit: return "fit";
    case Progress::Stage::train: return "train";
    case Progress::Stage::predict: return "predict";
    case Progress::Stage::evaluate: return "evaluate";
    case Progress::Stage::explain: return "explain";
    case Progress::Stage::write: return "write";
  }
  return "";
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void JsonLog::on_statement(const StatementStart& start) {
  number_ = start.number;
  last_progress_ = now();
  Json event{{"event", "statement_start"}, {"number", number_}, {"source", source()}};
  add_place(event, start.span, text());
  write(event);
}

void JsonLog::on_done(const Done& done) {
  Reporter::on_done(done);
  Json event{{"event", "statement_end"},
             {"number", number_},
             {"ok", true},
             {"seconds", done.seconds},
             {"rows", done.rows}};
  if (!done.message.empty()) event["message"] = done.message;
  write(event);
}

void JsonLog::on_failed(double seconds) {
  write({{"event", "statement_end"}, {"number", number_}, {"ok", false}, {"seconds", seconds}});
}

void JsonLog::on_diagnostic(const Diagnostic& problem) {
  std::fflush(out());
  write(diagnostic(problem, text(), source()));
}

void JsonLog::on_progress(const Progress& progress) {
  if (now() - last_progress_ < kSecondsBetweenProgress) return;
  last_progress_ = now();
  Json event{{"event", "progress"},
             {"number", number_},
             {"stage", stage_name(progress.stage)},
             {"seconds", progress.seconds},
             {"rows", progress.rows}};
  if (progress.trials > 0) {
    event["trial"] = progress.trial;
    event["trials"] = progress.trials;
  }
  if (progress.folds > 0) {
    event["fold"] = progress.fold;
    event["folds"] = progress.folds;
  }
  if (progress.rounds > 0) {
    event["round"] = progress.round;
    event["rounds"] = progress.rounds;
  }
  for (const auto& [name, value] : progress.metrics) event["metrics"][name] = value;
  write(event);
}

void JsonLog::on_end(const RunSummary& summary, const RunOptions& options) {
  Json event{{"event", "end"},
             {"ok", summary.ok()},
             {"statements", summary.statements},
             {"failed", summary.failed}};
  if (options.dry_run) event["not_checked"] = summary.not_checked;
  event["problems"] = summary.problems;
  write(event);
}

void log_problem(const Diagnostic& problem) { write(diagnostic(problem, "", "")); }

}  // namespace quern::cli
