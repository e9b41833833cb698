#pragma once
// The file of a page: it is there whole or not at all, and nothing of the user's is overwritten.

#include <string>

#include "base/result.h"
#include "base/staged_file.h"
#include "compiler/ir/model_use.h"

namespace quern::runtime {

/// Whether the page may be written: there is nothing yet, or a page of ours, or the statement says
/// output.mode = replace. Errors, at the path: file_exists, cannot_write_file.
Result<void> check_report_file(const ir::ReportFile& file);

/// A page that is written beside its place and waits until the statement's rows have theirs.
/// Destroyed before keep(), it goes.
class StagedPage {
 public:
  /// Errors, at the path: those of check_report_file(), cannot_write_file. `file` must outlive it.
  static Result<StagedPage> write(const ir::ReportFile& file, const std::string& page);
  /// Errors, at the path: cannot_write_file; file_exists where one came meanwhile.
  Result<void> keep();

 private:
  StagedPage(const ir::ReportFile& file, StagedFile staged, bool replace)
      : file_(file), staged_(std::move(staged)), replace_(replace) {}
  const ir::ReportFile& file_;
  StagedFile staged_;
  bool replace_;
};

}  // namespace quern::runtime
