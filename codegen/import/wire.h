#pragma once
// Protobuf's wire format, one field after another. Rule: protobuf's encoding document.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quern::codegen {

/// One field of a message; which of its values counts says the kind.
struct WireField {
  enum class Kind : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  std::uint32_t number = 0;
  Kind kind = Kind::varint;
  std::uint64_t value = 0;                   ///< varint, or the bits of fixed64 and fixed32
  std::span<const std::uint8_t> bytes = {};  ///< of the message that was given

  std::int64_t whole() const { return static_cast<std::int64_t>(value); }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

/// Goes over the fields of one message, which must outlive it. Allocates nothing.
class WireReader {
 public:
  explicit WireReader(std::span<const std::uint8_t> message) : rest_(message) {}

  /// The next field; nullopt at the end, and from the first byte on that is no field.
  std::optional<WireField> next();
  /// The next of numbers that stand packed, one behind the other; nullopt as for next().
  std::optional<std::uint64_t> packed(WireField::Kind kind);
  bool damaged() const { return damaged_; }

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> fixed(std::size_t size);
  std::nullopt_t damage();

  std::span<const std::uint8_t> rest_;
  bool damaged_ = false;
};

}  // namespace quern::codegen
