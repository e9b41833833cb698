#pragma once
// Memory for vectors of any set of instructions.

#include <algorithm>
#include <cstddef>
#include <vector>

namespace quern::codegen {

/// Floats aligned to 64 bytes, zero at first.
class AlignedFloats {
 public:
  explicit AlignedFloats(std::size_t size = 0) : lines_((size + kLine - 1) / kLine) {}
  float* data() { return reinterpret_cast<float*>(lines_.data()); }
  const float* data() const { return reinterpret_cast<const float*>(lines_.data()); }
  bool empty() const { return lines_.empty(); }
  void clear() { std::fill(lines_.begin(), lines_.end(), Line{}); }

 private:
  static constexpr std::size_t kLine = 16;
  struct alignas(64) Line {
    float values[kLine] = {};
  };
  std::vector<Line> lines_;
};

}  // namespace quern::codegen
