#pragma once
// A file that nobody sees half of: it is written beside its place and takes it whole.

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace quern {

/// Writes `path` under another name, `path.quern-` and a number, until it is whole. Destroyed
/// before, it goes, and what was at `path` stays. A process that is killed leaves the other name
/// behind: its lock is gone then, and the next one to write the same path removes it. Files of
/// living writers are left alone.
///
/// A symbolic link keeps pointing where it did; a file that is replaced hands on its mode.
class StagedFile {
 public:
  /// Errors: cannot_write_file.
  static Result<StagedFile> open(const std::string& path);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  /// For writing; the file closes it.
  int descriptor() const { return file_; }
  /// Errors: cannot_write_file.
  Result<void> write(std::span<const std::uint8_t> bytes) const;
  /// Gives the file its name once it is on the disk. Errors: cannot_write_file; file_exists where
  /// there is a file by now, unless `replace`.
  Result<void> keep(bool replace);

 private:
  StagedFile(std::string path, std::string place, std::string beside, int file);
  Result<void> failed(int reason) const;

  std::string path_;    ///< as it was asked for
  std::string place_;   ///< links followed
  std::string beside_;  ///< "" once it has its place
  int file_;
};

/// "cannot write m.quern: No space left on device". Code: cannot_write_file.
Diagnostic cannot_write(const std::string& path, int reason);
/// Code: file_exists.
Diagnostic exists_already(const std::string& path);

}  // namespace quern
