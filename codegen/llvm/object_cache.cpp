// A file is a line with the hash of what follows, then the object. It appears whole or not at all.

#include "codegen/llvm/object_cache.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

namespace quern::codegen {
namespace {

namespace fs = std::filesystem;

std::string hash_of(const std::string& bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return llvm::toHex(llvm::SHA256::hash({data, bytes.size()}), true);
}

/// Code is run out of it: only this user may have put it there.
bool is_ours_alone(const fs::path& folder) {
  struct stat found {};
  if (::lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) return false;
  return found.st_uid == ::geteuid() && (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

ObjectCache::ObjectCache(const std::string& folder, std::uintmax_t limit)
    : folder_(folder), limit_(limit) {
  if (folder_.empty()) return;
  std::error_code failed;
  if (fs::create_directories(folder_, failed))
    fs::permissions(folder_, fs::perms::owner_all, failed);
  if (!is_ours_alone(folder_)) folder_.clear();
}

std::string ObjectCache::name_of(const std::string& code, const std::string& machine) {
  return hash_of(std::to_string(code.size()) + "\n" + code + machine);
}

std::optional<std::string> ObjectCache::load(const std::string& name) const {
  if (folder_.empty()) return std::nullopt;
  const auto path = folder_ / name;
  std::ifstream file(path, std::ios::binary);
  std::string expected;
  if (!std::getline(file, expected)) return std::nullopt;
  std::string object{std::istreambuf_iterator<char>(file), {}};
  std::error_code ignored;
  if (hash_of(object) != expected) {
    fs::remove(path, ignored);
    return std::nullopt;
  }
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
  return object;
}

void ObjectCache::store(const std::string& name, const std::string& object) const {
  if (folder_.empty()) return;
  auto staged = (folder_ / (name + ".XXXXXX")).string();
  const int handle = ::mkstemp(staged.data());
  if (handle == -1) return;
  ::close(handle);
  std::ofstream file(staged, std::ios::binary);
  file << hash_of(object) << '\n' << object;
  file.close();
  std::error_code failed;
  if (file.good()) fs::rename(staged, folder_ / name, failed);
  if (!file.good() || failed) fs::remove(staged, failed);
  drop_oldest();
}

/// Staged files that a killed process left are dropped like others, when they have become old.
void ObjectCache::drop_oldest() const {
  struct File {
    fs::file_time_type used;
    std::uintmax_t size;
    fs::path path;
  };
  std::vector<File> files;
  std::uintmax_t total = 0;
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end;
       at.increment(failed)) {
    std::error_code gone;
    File file{at->last_write_time(gone), at->file_size(gone), at->path()};
    if (gone) continue;
    total += file.size;
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.used < b.used; });
  for (auto file = files.begin(); file != files.end() && total > limit_; ++file) {
    total -= file->size;
    fs::remove(file->path, failed);
  }
}

}  // namespace quern::codegen
