#pragma once
// Where the features of one page lie: on the heap, or in a temporary file that only the process
// sees.

#include <cstddef>
#include <memory>

namespace quern::runtime {

/// An array of floats, not zeroed. Moves; its address stays.
class FeatureBlock {
 public:
  /// On the heap. Throws std::bad_alloc.
  static FeatureBlock in_memory(std::size_t size);
  /// In a file of its own in TMPDIR (else /tmp), without a name and mapped. All of its room is
  /// reserved here: throws std::system_error where the disk has not enough.
  static FeatureBlock in_file(std::size_t size);

  float* data() const { return data_.get(); }
  /// Gives back the memory of a block in a file until it is touched again; its values stay.
  void rest() const noexcept;

 private:
  struct Release {
    std::size_t mapped_bytes = 0;  ///< 0: on the heap
    void operator()(float* data) const noexcept;
  };
  explicit FeatureBlock(std::unique_ptr<float[], Release> data) : data_(std::move(data)) {}

  std::unique_ptr<float[], Release> data_;
};

}  // namespace quern::runtime
