#pragma once
// What a session says, for programs: rows as ever, every event as one JSON object a line on
// standard error. docs/cli.md lists the events and their members.

#include "cli/reporter.h"

namespace quern::cli {

class JsonLog final : public Reporter {
 public:
  using Reporter::Reporter;

  void on_end(const RunSummary& summary, const RunOptions& options) override;
  void on_statement(const StatementStart& start) override;
  void on_done(const Done& done) override;
  void on_failed(double seconds) override;
  void on_diagnostic(const Diagnostic& problem) override;
  void on_progress(const Progress& progress) override;

 private:
  std::size_t number_ = 0;  ///< of the current statement
  double last_progress_ = 0;
};

/// The line of a problem that is found before there is a session.
void log_problem(const Diagnostic& problem);

}  // namespace quern::cli
