#pragma once
// Where the rows go: the standard output, or a file that appears only when all went well.

#include <cstdio>
#include <optional>
#include <string>

#include "api/quern.hpp"
#include "base/staged_file.h"

namespace quern::cli {

/// Rows are written beside `path` and take its place in keep(); until then, and when the run fails,
/// the old file stays. A symbolic link keeps pointing where it did; what is not a regular file (a
/// pipe, a device) is written to as it is.
class OutputFile {
 public:
  /// \param path  "" or "-": the standard output.
  /// Errors: cannot_write_file.
  static Result<OutputFile> open(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  std::FILE* stream() const { return stream_; }
  /// False for the standard output.
  bool is_file() const { return stream_ != stdout; }

  /// Everything written so far is the output. Errors: cannot_write_file.
  Result<void> keep();

 private:
  OutputFile(std::FILE* stream, std::string path) : stream_(stream), path_(std::move(path)) {}

  std::FILE* stream_;
  std::string path_;                  ///< "": the standard output
  std::optional<StagedFile> staged_;  ///< unset: written in place
};

}  // namespace quern::cli
