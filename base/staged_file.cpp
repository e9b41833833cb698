// POSIX files. The lock of a staged file says that its writer lives; a link refuses an existing
// name in the same step in which it makes a new one.

#include "base/staged_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace quern {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".quern-";

/// The file that a name stands for, links followed.
std::string place_of(const std::string& path) {
  std::error_code failed;
  const auto place = fs::weakly_canonical(path, failed);
  return failed ? path : place.string();
}

bool is_staged_name(std::string_view name, std::string_view of) {
  if (!name.starts_with(of)) return false;
  name.remove_prefix(of.size());
  if (!name.starts_with(kMark) || name.size() == kMark.size()) return false;
  name.remove_prefix(kMark.size());
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> staged_beside(const fs::path& place) {
  std::vector<std::string> found;
  const auto folder = place.parent_path();
  std::error_code failed;
  fs::directory_iterator entry(folder.empty() ? "." : folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const auto name = entry->path().filename().string();
    if (is_staged_name(name, place.filename().string())) found.push_back(entry->path().string());
  }
  return found;
}

/// Removes a staged file whose writer is gone.
void sweep(const std::string& name) {
  const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return;
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) ::unlink(name.c_str());
  ::close(file);
}

/// A new file under that name, locked; -1 with errno. A sweeper may take it for a dead writer's in
/// the moment before it is locked: then it has no name any more, and another try is due.
int create_locked(const std::string& name) {
  while (true) {
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) return file;
    struct stat about {};
    if (::flock(file, LOCK_EX) == 0 && ::fstat(file, &about) == 0 && about.st_nlink > 0)
      return file;
    ::close(file);
  }
}

void take_mode(int file, const std::string& from) {
  struct stat old {};
  if (::stat(from.c_str(), &old) == 0) (void)::fchmod(file, old.st_mode & 07777U);
}

}  // namespace

Diagnostic cannot_write(const std::string& path, int reason) {
  return {Code::cannot_write_file, "cannot write " + path + ": " + std::strerror(reason)};
}

Diagnostic exists_already(const std::string& path) {
  return {Code::file_exists, "file exists: " + path, SourceSpan::none(),
          "add WITH output.mode = replace"};
}

Result<StagedFile> StagedFile::open(const std::string& path) {
  const auto place = place_of(path);
  for (const auto& name : staged_beside(place)) sweep(name);
  const auto stem = place + std::string(kMark);
  // Other writers of the same path, in this process or with its number elsewhere, have other names.
  for (long number = ::getpid();; ++number) {
    auto name = stem + std::to_string(number);
    const int file = create_locked(name);
    if (file < 0 && errno == EEXIST) continue;
    if (file < 0) return cannot_write(path, errno);
    take_mode(file, place);
    return StagedFile(path, place, std::move(name), file);
  }
}

StagedFile::StagedFile(std::string path, std::string place, std::string beside, int file)
    : path_(std::move(path)), place_(std::move(place)), beside_(std::move(beside)), file_(file) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)),
      place_(std::move(other.place_)),
      beside_(std::exchange(other.beside_, {})),
      file_(std::exchange(other.file_, -1)) {}

StagedFile::~StagedFile() {
  if (!beside_.empty()) ::unlink(beside_.c_str());
  if (file_ >= 0) ::close(file_);
}

Result<void> StagedFile::failed(int reason) const { return cannot_write(path_, reason); }

Result<void> StagedFile::write(std::span<const std::uint8_t> bytes) const {
  while (!bytes.empty()) {
    const auto done = ::write(file_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return failed(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Result<void> StagedFile::keep(bool replace) {
  if (::fsync(file_) != 0) return failed(errno);
  const int named =
      replace ? ::rename(beside_.c_str(), place_.c_str()) : ::link(beside_.c_str(), place_.c_str());
  if (named != 0 && errno == EEXIST) return exists_already(path_);
  if (named != 0) return failed(errno);
  if (!replace) ::unlink(beside_.c_str());
  beside_.clear();
  return {};
}

}  // namespace quern
