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

  /// Reserves room for so many bytes behind all that was appended and extended by before; the
  /// offset of the first. Throws std::system_error.
  std::size_t extend(std::size_t bytes);
  /// Writes behind all that was appended and extended by before. Throws std::system_error.
  void append(std::span<const std::byte> bytes);
  /// Writes from `offset` on. Throws std::system_error.
  void write(std::size_t offset, std::span<const std::byte> bytes);
  /// Fills `bytes` with what was written from `offset` on. Throws std::system_error.
  void read(std::size_t offset, std::span<std::byte> bytes) const;

 private:
  int descriptor_;
  std::size_t size_ = 0;  ///< appended and extended by
};

/// What a statement says whose rows found no room in a file. Its span is the caller's to set.
Diagnostic no_room_for_rows(const std::system_error& error);

}  // namespace quern::runtime
