// Temporary files by the system's calls.

#include "runtime/dataset/nameless_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

namespace quern::runtime {
namespace {

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

std::string temporary_folder() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
}

void allocate(int descriptor, std::size_t offset, std::size_t bytes) {
  const int status =
      posix_fallocate(descriptor, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  if (status != 0) fail(status, std::to_string(bytes >> 20U) + " MiB in " + temporary_folder());
}

}  // namespace

NamelessFile::NamelessFile() {
  const auto folder = temporary_folder();
  auto path = folder + "/quern-rows.XXXXXX";
  descriptor_ = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail(errno, folder);
  unlink(path.c_str());
}

NamelessFile::NamelessFile(NamelessFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

NamelessFile::~NamelessFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void NamelessFile::reserve(std::size_t bytes) {
  // A mapped page that the disk has no room for would end the process when it is written to.
  allocate(descriptor_, 0, bytes);
}

std::size_t NamelessFile::extend(std::size_t bytes) {
  const auto at = size_;
  if (bytes > 0) allocate(descriptor_, at, bytes);
  size_ += bytes;
  return at;
}

void* NamelessFile::map(std::size_t bytes) const {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (at == MAP_FAILED) fail(errno, "mmap");
  return at;
}

void NamelessFile::append(std::span<const std::byte> bytes) {
  write(size_, bytes);
  size_ += bytes.size();
}

void NamelessFile::write(std::size_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto done = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail(done < 0 ? errno : ENOSPC, temporary_folder());
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::size_t>(done);
  }
}

void NamelessFile::read(std::size_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto done = pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail(done < 0 ? errno : EIO, temporary_folder());
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::size_t>(done);
  }
}

Diagnostic no_room_for_rows(const std::system_error& error) {
  return {Code::out_of_memory,
          "the rows need more memory than memory_limit allows, and cannot be kept in a temporary "
          "file: " +
              std::string(error.what()),
          SourceSpan::none(), "set memory_limit higher, or TMPDIR to a folder with room"};
}

}  // namespace quern::runtime
