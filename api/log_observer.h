#pragma once
// What a run does, as lines of a log, beside the observer that the caller gave.

#include <string>

#include "api/quern.hpp"

namespace quern {

/// Passes everything on. Threads: heard where the statement runs.
class LogObserver final : public Observer {
 public:
  /// Both outlive it; an empty log hears nothing.
  LogObserver(Observer& observer, const Log& log) : observer_(observer), log_(log) {}

  void on_source(std::string_view name, std::string_view text) override;
  void on_echo(std::string_view words) override { observer_.on_echo(words); }
  Result<void> on_command(const std::string& name, const std::vector<std::string>& words) override {
    return observer_.on_command(name, words);
  }
  void on_statement(const StatementStart& start) override;
  void on_schema(const Schema& schema) override { observer_.on_schema(schema); }
  void on_batch(const ColumnBatch& batch) override { observer_.on_batch(batch); }
  void on_done(const Done& done) override;
  void on_failed(double seconds) override;
  void on_diagnostic(const Diagnostic& problem) override;
  void on_progress(const Progress& progress) override { observer_.on_progress(progress); }

 private:
  void say(Severity severity, const std::string& words);

  Observer& observer_;
  const Log& log_;
  std::string_view text_;
  std::size_t number_ = 0;
};

}  // namespace quern
