#pragma once
// Where rows wait that memory_limit has no room for: a temporary file that only the process sees.

#include <cstddef>
#include <span>
#include <system_error>

#include "base/diagnostic.h"

namespace quern::runtime {

/// A file in TMPDIR (else /tmp) without a name, which goes when nothing holds it any more. What it
/// throws says which folder it is about.
class NamelessFile {
 public:
  /// Empty. Throws std::system_error.
  NamelessFile();
  NamelessFile(NamelessFile&& other) noexcept;
  NamelessFile& operator=(NamelessFile&&) = delete;
  ~NamelessFile();

  /// Reserves room on the disk for so many bytes, which map() may then use. Throws
  /// std::system_error.
  void reserve(std::size_t bytes);
  /// Maps the first bytes, to be given back with munmap(); they stay when the file goes. Throws
  /// std::system_error.
  void* map(std::size_t bytes) const;

  /// Writes behind what was written before. Throws std::system_error.
  void append(std::span<const std::byte> bytes);
  /// Fills `bytes` with what was written from `offset` on. Throws std::system_error.
  void read(std::size_t offset, std::span<std::byte> bytes) const;

 private:
  int descriptor_;
};

/// What a statement says whose rows found no room in a file. Its span is the caller's to set.
Diagnostic no_room_for_rows(const std::system_error& error);

}  // namespace quern::runtime
