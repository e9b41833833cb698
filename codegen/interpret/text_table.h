#pragma once
// The codes of known texts: made once, then asked for every row of a column.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quern::codegen {

/// Open addressing over all texts in one piece of memory; half of its places are free. Threads:
/// const, re-entrant.
class TextTable {
 public:
  TextTable() : TextTable(std::vector<std::string>()) {}
  /// Text i has the code i; of equal ones the first counts, and those behind it move up.
  explicit TextTable(const std::vector<std::string>& texts);

  /// The text's code; size() where it is not known.
  std::uint32_t find(std::string_view text) const {
    const auto hash = hash_of(text);
    for (auto at = hash;; ++at) {
      const auto& place = places_[at & mask_];
      if (place.code == kFree) return size_;
      if (place.hash == hash && text_of(place) == text) return place.code;
    }
  }
  std::uint32_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;
  struct Place {
    std::uint64_t hash = 0;
    std::uint32_t begin = 0;  ///< in bytes_
    std::uint32_t length = 0;
    std::uint32_t code = kFree;
  };

  static std::uint64_t hash_of(std::string_view text);
  std::string_view text_of(const Place& place) const {
    return {bytes_.data() + place.begin, place.length};
  }
  void add(std::string_view text);

  std::string bytes_;
  std::vector<Place> places_;  ///< a power of two
  std::uint64_t mask_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace quern::codegen
