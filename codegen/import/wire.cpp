// Every length is held against what is left of the message.

#include "codegen/import/wire.h"

namespace quern::codegen {

using Kind = WireField::Kind;

std::nullopt_t WireReader::damage() {
  damaged_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<std::uint64_t> WireReader::varint() {
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return damage();
    const auto byte = rest_.front();
    rest_ = rest_.subspan(1);
    out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return out;
  }
  return damage();
}

std::optional<std::uint64_t> WireReader::fixed(std::size_t size) {
  if (rest_.size() < size) return damage();
  std::uint64_t out = 0;
  for (std::size_t i = size; i-- > 0;) out = out << 8U | rest_[i];
  rest_ = rest_.subspan(size);
  return out;
}

std::optional<std::uint64_t> WireReader::packed(Kind kind) {
  if (rest_.empty()) return std::nullopt;
  if (kind == Kind::varint) return varint();
  return fixed(kind == Kind::fixed64 ? 8 : 4);
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto tag = varint();
  if (!tag || *tag >> 3U == 0 || *tag >> 32U != 0) return damage();
  WireField field{static_cast<std::uint32_t>(*tag >> 3U), static_cast<Kind>(*tag & 7U)};
  switch (field.kind) {
    case Kind::varint:
    case Kind::fixed64:
    case Kind::fixed32: {
      const auto value = packed(field.kind);
      if (!value) return damage();
      field.value = *value;
      return field;
    }
    case Kind::bytes: {
      const auto size = varint();
      if (!size || *size > rest_.size()) return damage();
      field.bytes = rest_.first(static_cast<std::size_t>(*size));
      rest_ = rest_.subspan(static_cast<std::size_t>(*size));
      return field;
    }
  }
  return damage();
}

}  // namespace quern::codegen
