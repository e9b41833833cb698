#pragma once
// What both ways of reporting share: rows go to a printer, everything else to standard error; and
// the commands that change how rows are shown.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/quern.hpp"
#include "cli/output_file.h"
#include "cli/printer.h"

namespace quern::cli {

class Reporter : public Observer {
 public:
  Reporter(Format format, std::FILE* out) : out_(out), format_(format) {}

  /// The run is over; `options` say of which kind it was.
  virtual void on_end(const RunSummary& summary, const RunOptions& options) = 0;

  void on_source(std::string_view name, std::string_view text) override {
    source_ = name;
    text_ = text;
  }
  void on_echo(std::string_view words) override;
  /// `\x`, `\timing`, `\format`, `\o`. Errors: bad_command, cannot_write_file.
  Result<void> on_command(const std::string& name, const std::vector<std::string>& words) override;
  void on_schema(const Schema& schema) override;
  void on_batch(const ColumnBatch& batch) override { printer_->rows(batch); }
  void on_done(const Done& done) override;

  /// Everything that goes to a file of `\o` is written, and stays. Errors: cannot_write_file.
  Result<void> keep_output();

  bool expanded() const { return expanded_; }
  void set_expanded(bool expanded) {
    expanded_ = expanded;
    renew_printer();
  }
  bool timing() const { return timing_; }
  Format format() const { return format_; }

 protected:
  /// Where the rows of the next statement go.
  std::FILE* out() const { return file_ ? file_->stream() : out_; }
  virtual std::FILE* rows_stream() { return out(); }
  /// The next rows need another printer.
  void renew_printer() { printer_.reset(); }
  virtual PrintOptions print_options() const;
  /// Answers a command; batches say nothing.
  virtual void say(const std::string& /*words*/) {}
  std::string_view text() const { return text_; }
  std::string_view source() const { return source_; }

 private:
  Result<void> change_format(const std::string& name);
  Result<void> change_output(const std::vector<std::string>& words);

  std::FILE* out_;
  Format format_;
  std::optional<OutputFile> file_;  ///< of `\o`
  bool expanded_ = false;
  bool timing_ = false;
  std::unique_ptr<Printer> printer_;
  std::string_view text_;
  std::string_view source_;
};

/// The format by name; nullopt: there is none.
std::optional<Format> format_named(std::string_view name);

}  // namespace quern::cli
