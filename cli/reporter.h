#pragma once
// What both ways of reporting share: rows go to a printer, everything else to standard error.

#include <memory>
#include <string_view>

#include "api/quern.hpp"
#include "cli/printer.h"

namespace quern::cli {

class Reporter : public Observer {
 public:
  Reporter(Format format, std::FILE* out) : out_(out), printer_(make_printer(format, out)) {}

  /// The run is over; `options` say of which kind it was.
  virtual void on_end(const RunSummary& summary, const RunOptions& options) = 0;

  void on_source(std::string_view name, std::string_view text) override {
    source_ = name;
    text_ = text;
  }
  void on_echo(std::string_view words) override {
    std::fwrite(words.data(), 1, words.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  }
  void on_schema(const Schema& schema) override { printer_->begin(schema); }
  void on_batch(const ColumnBatch& batch) override { printer_->rows(batch); }
  void on_done(const Done& done) override {
    if (done.returned_rows) printer_->end(done.bars);
  }

 protected:
  std::FILE* out() const { return out_; }
  std::string_view text() const { return text_; }
  std::string_view source() const { return source_; }

 private:
  std::FILE* out_;
  std::unique_ptr<Printer> printer_;
  std::string_view text_;
  std::string_view source_;
};

}  // namespace quern::cli
