// Decoding, strict: overlong forms and surrogates are no UTF-8.

#include "base/utf8.h"

#include <array>

namespace quern {
namespace {

constexpr CodePoint invalid{0xFFFD, 1, false};

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Length of the sequence that `lead` opens; 0 where no sequence begins so.
std::size_t sequence_size(unsigned lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// Overlong forms, surrogates and what lies above U+10FFFF are no code points.
bool in_range(char32_t value, std::size_t size) {
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  return value >= least[size] && value <= 0x10FFFF && !surrogate;
}

}  // namespace

CodePoint decode_utf8(std::string_view text, std::size_t at) {
  const auto lead = byte_at(text, at);
  if (lead < 0x80) return {lead, 1, true};
  const auto size = sequence_size(lead);
  if (size == 0 || at + size > text.size()) return invalid;
  char32_t value = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return invalid;
    value = (value << 6) | (next & 0x3FU);
  }
  return in_range(value, size) ? CodePoint{value, size, true} : invalid;
}

}  // namespace quern
