#pragma once
// Whole numbers of stored JSON, none of them cut.

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace quern::ir {

/// A whole number that T can hold; the JSON library would cut any number down to it. Throws
/// std::runtime_error for others. `j` is a value of that library, which headers do not include.
template <typename T, typename Json>
T whole(const Json& j) {
  if (j.is_number_unsigned()) {
    const auto value = j.template get<std::uint64_t>();
    if (std::in_range<T>(value)) return static_cast<T>(value);
  } else if (j.is_number_integer()) {
    const auto value = j.template get<std::int64_t>();
    if (std::in_range<T>(value)) return static_cast<T>(value);
  }
  throw std::runtime_error("not a whole number in range: " + j.dump());
}

}  // namespace quern::ir
