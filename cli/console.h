#pragma once
// What a session says, for people: rows on the standard output, drawings and progress on standard
// error.

#include "cli/reporter.h"

namespace quern::cli {

class Console : public Reporter {
 public:
  /// \param out  takes the rows; not closed.
  Console(Format format, std::FILE* out);

  void on_end(const RunSummary& summary, const RunOptions& options) override;
  void on_schema(const Schema& schema) override;
  void on_batch(const ColumnBatch& batch) override;
  void on_done(const Done& done) override;
  void on_failed(double seconds) override;
  void on_diagnostic(const Diagnostic& problem) override;
  void on_progress(const Progress& progress) override;

 protected:
  void clear_line();
  /// The rows of a statement are all there: what is held of them is to be seen.
  virtual void end_rows(const Done& done) { Reporter::on_done(done); }

 private:
  void say_time(double seconds);
  void print_error_line(const std::string& line);

  bool terminal_;  ///< standard error is a terminal: progress is one updating line
  bool colour_;
  bool line_shown_ = false;
  double last_shown_ = 0;
};

}  // namespace quern::cli
