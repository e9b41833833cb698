#pragma once
// Where in the user's text something stands. Every AST node and diagnostic carries one.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace quern {

/// A half-open byte range `[begin, end)` of the text handed to the parser.
///
/// Units: bytes of UTF-8, never code points or columns; front ends convert when they draw.
/// `begin == end` marks a point; `SourceSpan::none()` marks a node without source text.
struct SourceSpan {
  static constexpr std::size_t kNone = SIZE_MAX;

  std::size_t begin = kNone;
  std::size_t end = kNone;

  static constexpr SourceSpan none() { return {}; }
  constexpr bool known() const { return begin != kNone; }
  constexpr std::size_t size() const { return known() ? end - begin : 0; }

  /// The same range, `offset` bytes further on: maps a position inside a query into its script.
  constexpr SourceSpan shifted(std::size_t offset) const {
    return known() ? SourceSpan{begin + offset, end + offset} : none();
  }

  /// The smallest range that holds both.
  constexpr SourceSpan joined(SourceSpan other) const {
    if (!known()) return other;
    if (!other.known()) return *this;
    return {std::min(begin, other.begin), std::max(end, other.end)};
  }

  friend constexpr bool operator==(SourceSpan, SourceSpan) = default;
};

}  // namespace quern
