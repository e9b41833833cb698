#pragma once
// UTF-8, one code point after another.

#include <cstddef>
#include <string_view>

namespace quern {

struct CodePoint {
  char32_t value;    ///< U+FFFD where the bytes are no UTF-8
  std::size_t size;  ///< bytes; of what is no UTF-8 one at a time
  bool valid;
};

/// Decodes the code point of `text` at `at`, which is below its size.
CodePoint decode_utf8(std::string_view text, std::size_t at);

}  // namespace quern
