// Write beside, then rename.

#include "cli/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace quern::cli {
Result<OutputFile> OutputFile::open(const std::string& path) {
  if (path.empty() || path == "-") return OutputFile(stdout, "");
  struct stat old {};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) return cannot_write(path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) {
    auto* stream = std::fopen(path.c_str(), "wb");
    return stream == nullptr ? Result<OutputFile>(cannot_write(path, errno))
                             : OutputFile(stream, path);
  }
  QUERN_TRY(auto staged, StagedFile::open(path));
  const int own = ::dup(staged.descriptor());  // the stream closes it
  auto* stream = own < 0 ? nullptr : ::fdopen(own, "wb");
  if (stream == nullptr) return cannot_write(path, errno);
  OutputFile out(stream, path);
  out.staged_.emplace(std::move(staged));
  return out;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : stream_(std::exchange(other.stream_, nullptr)),
      path_(std::move(other.path_)),
      staged_(std::move(other.staged_)) {}

OutputFile::~OutputFile() {
  if (stream_ != nullptr && stream_ != stdout) std::fclose(stream_);
}

Result<void> OutputFile::keep() {
  errno = 0;
  const bool written = std::fflush(stream_) == 0 && std::ferror(stream_) == 0;
  if (!written) {
    const auto name = path_.empty() ? std::string("the standard output") : path_;
    return cannot_write(name, errno != 0 ? errno : EIO);
  }
  return staged_ ? staged_->keep(true) : Result<void>();
}

}  // namespace quern::cli
