// POSIX files: a link refuses an existing name in the same step in which it makes a new one.

#include "runtime/model_file/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace quern::runtime {
namespace {

namespace fs = std::filesystem;

Diagnostic cannot_write(const std::string& path, int reason) {
  return {Code::cannot_write_file, "cannot write " + path + ": " + std::strerror(reason)};
}

Diagnostic exists_already(const std::string& path) {
  return {Code::file_exists, "file exists: " + path, SourceSpan::none(),
          "add WITH output.mode = replace"};
}

/// A file beside the one that is written; goes unless it was given its name.
class Beside {
 public:
  explicit Beside(const std::string& path)
      : name_(path + ".quern-" + std::to_string(::getpid())),
        file_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {}
  ~Beside() {
    if (file_ >= 0) ::close(file_);
    if (file_ >= 0) ::unlink(name_.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  bool open() const { return file_ >= 0; }

  bool write(std::span<const std::uint8_t> bytes) const {
    while (!bytes.empty()) {
      const auto done = ::write(file_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    return ::fsync(file_) == 0;
  }

  /// Gives the file its name; a link leaves an existing file alone.
  bool name_it(const std::string& path, bool replace) const {
    return replace ? ::rename(name_.c_str(), path.c_str()) == 0
                   : ::link(name_.c_str(), path.c_str()) == 0;
  }

 private:
  std::string name_;
  int file_;
};

/// The file that a name stands for, links followed.
std::string place_of(const std::string& path) {
  std::error_code failed;
  const auto place = fs::weakly_canonical(path, failed);
  return failed ? path : place.string();
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const std::string& path) {
  std::error_code failed;
  const auto kind = fs::status(path, failed);
  const auto cannot = [&](const std::string& why) {
    return Diagnostic{Code::cannot_read_file, "cannot read file: " + path + ": " + why};
  };
  if (!fs::exists(kind)) return cannot("there is none");
  if (!fs::is_regular_file(kind)) return cannot("it is not a regular file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot(std::strerror(errno));
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return cannot("reading it failed");
  return bytes;
}

Result<void> check_writable(const std::string& path, bool replace) {
  std::error_code failed;
  const auto kind = fs::status(path, failed);
  if (fs::is_directory(kind)) return cannot_write(path, EISDIR);
  if (fs::exists(kind) && !fs::is_regular_file(kind)) return cannot_write(path, EINVAL);
  if (fs::exists(kind) && !replace) return exists_already(path);
  const auto folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, failed)) return cannot_write(path, ENOENT);
  return {};
}

Result<void> write_file(const std::string& path, std::span<const std::uint8_t> bytes,
                        bool replace) {
  QUERN_CHECK(check_writable(path, replace));
  const auto place = place_of(path);
  const Beside beside(place);
  if (!beside.open() || !beside.write(bytes)) return cannot_write(path, errno);
  if (beside.name_it(place, replace)) return {};
  if (errno == EEXIST) return exists_already(path);
  return cannot_write(path, errno);
}

}  // namespace quern::runtime
