#pragma once
// Between a run and its observer: spans of the expanded text become spans of what the user wrote,
// and passwords go no further.

#include "api/quern.hpp"
#include "parser/script.h"

namespace quern {

/// Passes everything on; `script` and `observer` outlive it.
class ScriptObserver final : public Observer {
 public:
  ScriptObserver(const Script& script, Observer& observer);

  /// What expanding the script found.
  void report_problems();
  /// Says the `\echo`s that stand before `offset` of the expanded text.
  void echo_until(std::size_t offset);
  /// Has the commands carried out that stand before `offset`; false behind one that failed, whose
  /// errors are heard.
  bool commands_until(std::size_t offset);
  /// "line 3", or "file.sql:3" in an included file.
  std::string place_of(SourceSpan span) const;

  Result<void> on_command(const std::string& name, const std::vector<std::string>& words) override {
    return observer_.on_command(name, words);
  }
  void on_statement(const StatementStart& start) override;
  void on_schema(const Schema& schema) override { observer_.on_schema(schema); }
  void on_batch(const ColumnBatch& batch) override { observer_.on_batch(batch); }
  void on_done(const Done& done) override;
  void on_failed(double seconds) override { observer_.on_failed(seconds); }
  void on_diagnostic(const Diagnostic& problem) override;
  void on_progress(const Progress& progress) override { observer_.on_progress(progress); }

 private:
  void enter(std::size_t source);
  Note placed(Note note, std::size_t source) const;

  const Script& script_;
  Observer& observer_;
  std::string_view statement_;  ///< that runs, as it was written; "" before the first
  std::size_t source_ = 0;      ///< that the observer knows of
  std::size_t echoed_ = 0;
  std::size_t told_ = 0;  ///< commands
};

}  // namespace quern
