#pragma once
// The values of a number's kind in their order, by number: what a search for a threshold goes
// through.

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/column.h"

namespace quern::codegen {

/// Numbers the values of T from 0 up; those of floats from -infinity to infinity, -0.0 right below
/// 0.0.
template <typename T>
struct OrderedBits {
  static constexpr bool kReal = std::is_floating_point_v<T>;
  using Bits = std::conditional_t<
      sizeof(T) == 1, std::uint8_t,
      std::conditional_t<sizeof(T) == 2, std::uint16_t,
                         std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;
  static constexpr Bits kSign = Bits{1} << (sizeof(T) * 8 - 1);

  static std::uint64_t first() {
    return kReal ? number_of(-std::numeric_limits<T>::infinity()) : 0;
  }
  static std::uint64_t last() {
    if constexpr (kReal) return number_of(std::numeric_limits<T>::infinity());
    return std::numeric_limits<Bits>::max();
  }
  static std::uint64_t number_of(T value) {
    const auto bits = std::bit_cast<Bits>(value);
    if constexpr (kReal) return static_cast<Bits>((bits & kSign) != 0 ? ~bits : bits | kSign);
    if constexpr (std::is_signed_v<T>) return static_cast<Bits>(bits ^ kSign);
    return bits;
  }
  static T value_of(std::uint64_t number) {
    const auto bits = static_cast<Bits>(number);
    if constexpr (kReal)
      return std::bit_cast<T>(static_cast<Bits>((bits & kSign) != 0 ? bits ^ kSign : ~bits));
    if constexpr (std::is_signed_v<T>) return std::bit_cast<T>(static_cast<Bits>(bits ^ kSign));
    return std::bit_cast<T>(bits);
  }
  static std::uint64_t bits_of(std::uint64_t number) {
    return std::bit_cast<Bits>(value_of(number));
  }
};

/// Calls `use` with a value of the kind's type; returns false for kinds that are no such numbers.
template <typename Use>
bool with_number_type(TypeKind kind, Use use) {
  switch (kind) {
    case TypeKind::int8: use(std::int8_t{}); return true;
    case TypeKind::int16: use(std::int16_t{}); return true;
    case TypeKind::int32: use(std::int32_t{}); return true;
    case TypeKind::int64: use(std::int64_t{}); return true;
    case TypeKind::uint8: use(std::uint8_t{}); return true;
    case TypeKind::uint16: use(std::uint16_t{}); return true;
    case TypeKind::uint32: use(std::uint32_t{}); return true;
    case TypeKind::uint64: use(std::uint64_t{}); return true;
    case TypeKind::float32: use(float{}); return true;
    case TypeKind::float64: use(double{}); return true;
    default: return false;
  }
}

}  // namespace quern::codegen
