// Blocks of features on the heap and in mapped files.

#include "runtime/dataset/feature_block.h"

#include <sys/mman.h>

#include "runtime/dataset/nameless_file.h"

namespace quern::runtime {

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
  NamelessFile file;
  file.reserve(bytes);
  return FeatureBlock({static_cast<float*>(file.map(bytes)), Release{bytes}});
}

void FeatureBlock::rest() const noexcept {
  // The values are in the file, or in the system's cache of it; only our view of them goes.
  const auto bytes = data_.get_deleter().mapped_bytes;
  if (bytes != 0) madvise(data_.get(), bytes, MADV_DONTNEED);
}

}  // namespace quern::runtime
