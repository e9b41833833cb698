#pragma once
// The one hash of what is stored or must be the same everywhere: categories, check sums, splits.
// Its results never change: models hold them.

#include <cstdint>
#include <string_view>

namespace quern {

inline constexpr std::uint64_t kFnvBasis = 0xCBF29CE484222325ULL;

/// FNV-1a, 64 bit, going on from `h`.
/// Rule: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm".
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t h = kFnvBasis) {
  for (const char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return h;
}

/// Spreads every bit of `h` over the whole word. Rule: the finish of SplitMix64 (Steele, Lea, Flood
/// 2014).
constexpr std::uint64_t spread(std::uint64_t h) {
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
  return h ^ (h >> 31);
}

/// Folds `word` into `h`; the order of words counts.
constexpr std::uint64_t fold_hash(std::uint64_t h, std::uint64_t word) {
  return spread((h + 0x9E3779B97F4A7C15ULL) ^ word);
}

}  // namespace quern
