#pragma once
// Named tensors as bytes, in the layout of safetensors: eight bytes of length, a JSON header with
// names, types, shapes and places, then the numbers. Plain data: reading it runs nothing.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace quern::ir {

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;  ///< row-major, as many as the shape says
  friend bool operator==(const Tensor&, const Tensor&) = default;
};

struct Tensors {
  /// What the header's `__metadata__` holds: texts under names, by rising names.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<Tensor> tensors;
  const Tensor* find(std::string_view name) const;
  /// Of the metadata; null where there is none.
  const std::string* text(std::string_view name) const;
};

/// Little-endian F32 tensors of different names in their order, one behind the other; the first
/// number stands at a multiple of 8 bytes. Same tensors, same bytes.
std::vector<std::uint8_t> write_tensors(const Tensors& tensors);

/// Reads F32 tensors. Checks every length and place: no overlap, nothing outside, no gap, no bytes
/// behind; memory stays within a small multiple of the bytes. Errors: corrupt_model,
/// not_in_this_version (another type of number), out_of_memory.
Result<Tensors> read_tensors(std::span<const std::uint8_t> bytes);

}  // namespace quern::ir
