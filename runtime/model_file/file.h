#pragma once
// Whole files: read at once, and written so that a name never stands for half of one.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace quern::runtime {

/// Errors: cannot_read_file; only regular files are read.
Result<std::vector<std::uint8_t>> read_file(const std::string& path);

/// Whether a file may be written there. Errors: file_exists, unless `replace`; cannot_write_file
/// for what is no regular file and for a folder that is not there.
Result<void> check_writable(const std::string& path, bool replace);

/// Writes beside `path` and renames in one step; when it fails, what was there stays as it was.
/// Errors: those of check_writable, also where the file appeared meanwhile.
Result<void> write_file(const std::string& path, std::span<const std::uint8_t> bytes, bool replace);

}  // namespace quern::runtime
