// Write beside, then rename.

#include "cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace quern::cli {
namespace {

Diagnostic cannot_write(const std::string& path, int reason) {
  const auto name = path.empty() ? std::string("the standard output") : path;
  return {Code::cannot_write_file, "cannot write " + name + ": " + std::strerror(reason)};
}

/// The file that a name stands for, links followed.
std::string place_of(const std::string& path) {
  std::error_code failed;
  const auto place = std::filesystem::weakly_canonical(path, failed);
  return failed ? path : place.string();
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& path) {
  if (path.empty() || path == "-") return OutputFile(stdout, "", "");
  struct stat old {};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) return cannot_write(path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) {
    auto* stream = std::fopen(path.c_str(), "wb");
    return stream == nullptr ? Result<OutputFile>(cannot_write(path, errno))
                             : OutputFile(stream, path, "");
  }
  const auto place = place_of(path);
  const auto beside = place + ".quern-" + std::to_string(::getpid());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return cannot_write(path, errno);
  if (exists) (void)::fchmod(file, old.st_mode & 07777U);
  return OutputFile(::fdopen(file, "wb"), place, beside);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : stream_(std::exchange(other.stream_, nullptr)),
      path_(std::move(other.path_)),
      beside_(std::exchange(other.beside_, {})) {}

OutputFile::~OutputFile() {
  if (stream_ != nullptr && stream_ != stdout) std::fclose(stream_);
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

Result<void> OutputFile::keep() {
  errno = 0;
  const bool written = std::fflush(stream_) == 0 && std::ferror(stream_) == 0;
  if (!written) return cannot_write(path_, errno != 0 ? errno : EIO);
  if (beside_.empty()) return {};
  if (::fsync(::fileno(stream_)) != 0 || ::rename(beside_.c_str(), path_.c_str()) != 0)
    return cannot_write(path_, errno);
  beside_.clear();
  return {};
}

}  // namespace quern::cli
