// A file under a lock, readable by its owner alone.

#include "cli/history.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "api/quern.hpp"

namespace quern::cli {
namespace {

constexpr std::size_t kMostEntries = 5000;
constexpr std::size_t kMostBytes = 8U << 20U;
constexpr std::size_t kLongestEntry = 256U << 10U;  ///< bytes; a paste beyond that is not kept

std::string escaped(std::string_view entry) {
  std::string out;
  for (const char c : entry) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\')
      out += "\\\\";
    else
      out += c;
  }
  return out;
}

std::string unescaped(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool escape = line[i] == '\\' && i + 1 < line.size();
    if (escape) ++i;
    out += escape && line[i] == 'n' ? '\n' : line[i];
  }
  return out;
}

/// A file that is locked while it lives.
class Locked {
 public:
  explicit Locked(const std::string& path)
      : descriptor_(
            ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    struct stat is {};
    if (descriptor_ >= 0 && (::fstat(descriptor_, &is) != 0 || !S_ISREG(is.st_mode))) close();
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_EX);
  }
  ~Locked() { close(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  int descriptor_;
};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string History::default_path() {
  if (const char* own = std::getenv("QUERN_HISTORY")) return own;
  const auto folder = [](const char* name, const char* below) -> std::string {
    const char* value = std::getenv(name);
    return value == nullptr || *value != '/' ? "" : std::string(value) + below;
  };
  const auto state = folder("XDG_STATE_HOME", "/quern/history");
  return state.empty() ? folder("HOME", "/.local/state/quern/history") : state;
}

History::History(std::string path) : path_(std::move(path)) {
  if (!path_.empty()) load();
}

void History::load() {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path_, failed)) return;
  std::ifstream in(path_, std::ios::binary);
  if (!in) return;
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find('\n', at), all.size());
    if (end > at) entries_.push_back(unescaped(std::string_view(all).substr(at, end - at)));
    at = end + 1;
  }
  const bool long_one = all.size() > kMostBytes || entries_.size() > 2 * kMostEntries;
  if (entries_.size() > kMostEntries)
    entries_.erase(entries_.begin(), entries_.end() - static_cast<std::ptrdiff_t>(kMostEntries));
  if (long_one) shorten(all);
}

void History::shorten(const std::string& held) const {
  const Locked file(path_);
  struct stat is {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &is) != 0) return;
  // Another session added to it meanwhile: leave it to the next one.
  if (static_cast<std::size_t>(is.st_size) != held.size()) return;
  std::size_t bytes = 0;
  auto first = entries_.end();
  while (first != entries_.begin() && bytes < kMostBytes / 2) bytes += (--first)->size();
  std::string text;
  for (; first != entries_.end(); ++first) text += escaped(*first) + "\n";
  if (::ftruncate(file.descriptor(), 0) == 0) write_all(file.descriptor(), text);
}

void History::append(const std::string& line) const {
  std::error_code failed;
  const auto folder = std::filesystem::path(path_).parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, failed)) {
    std::filesystem::create_directories(folder, failed);
    if (!failed) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  }
  const Locked file(path_);
  if (file.descriptor() < 0) return;
  ::fchmod(file.descriptor(), 0600);
  write_all(file.descriptor(), line);
}

void History::add(const std::string& entry) {
  if (entry.find_first_not_of(" \t\n") == std::string::npos) return;
  if (!entries_.empty() && entries_.back() == entry) return;
  entries_.push_back(entry);
  const bool secret = mask_passwords(entry) != entry;
  if (!path_.empty() && !secret && entry.size() <= kLongestEntry) append(escaped(entry) + "\n");
}

}  // namespace quern::cli
