#pragma once
// What a session says, on two streams: rows on the standard output, everything else on standard
// error.

#include <string>
#include <string_view>

#include "api/quern.hpp"
#include "cli/printer.h"

namespace quern::cli {

class Console final : public Observer {
 public:
  explicit Console(Format format);

  /// Where the spans of the next diagnostics point. Both must outlive the run.
  void set_source(std::string_view text, std::string_view name) {
    text_ = text;
    source_ = name;
  }

  void on_schema(const Schema& schema) override;
  void on_batch(const ColumnBatch& batch) override;
  void on_done(const Done& done) override;
  void on_diagnostic(const Diagnostic& problem) override;
  void on_progress(const Progress& progress) override;

 private:
  void clear_line();

  std::unique_ptr<Printer> printer_;
  std::string_view text_;
  std::string_view source_;
  bool terminal_;  ///< standard error is a terminal: progress is one updating line
  bool line_shown_ = false;
  double last_shown_ = 0;
};

}  // namespace quern::cli
