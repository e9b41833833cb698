// Blocks of features on the heap and in mapped files.

#include "runtime/dataset/feature_block.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace quern::runtime {
namespace {

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

std::string temporary_folder() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
}

/// A file without a name, which goes when nothing holds it any more.
class NamelessFile {
 public:
  explicit NamelessFile(std::size_t bytes) {
    const auto folder = temporary_folder();
    auto path = folder + "/quern-rows.XXXXXX";
    descriptor_ = mkostemp(path.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail(errno, folder);
    unlink(path.c_str());
    // A mapped page that the disk has no room for would end the process when it is written to.
    const int status = posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
    if (status == 0) return;
    close(descriptor_);
    fail(status, std::to_string(bytes >> 20U) + " MiB in " + folder);
  }
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;
  ~NamelessFile() { close(descriptor_); }

  void* map(std::size_t bytes) const {
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    if (at == MAP_FAILED) fail(errno, "mmap");
    return at;
  }

 private:
  int descriptor_;
};

}  // namespace

void FeatureBlock::Release::operator()(float* data) const noexcept {
  if (mapped_bytes == 0) {
    delete[] data;
  } else {
    munmap(data, mapped_bytes);
  }
}

FeatureBlock FeatureBlock::in_memory(std::size_t size) {
  return FeatureBlock({new float[size], Release{}});
}

FeatureBlock FeatureBlock::in_file(std::size_t size) {
  const auto bytes = size * sizeof(float);
  const NamelessFile file(bytes);
  return FeatureBlock({static_cast<float*>(file.map(bytes)), Release{bytes}});
}

void FeatureBlock::rest() const noexcept {
  // The values are in the file, or in the system's cache of it; only our view of them goes.
  const auto bytes = data_.get_deleter().mapped_bytes;
  if (bytes != 0) madvise(data_.get(), bytes, MADV_DONTNEED);
}

}  // namespace quern::runtime
