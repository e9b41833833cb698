// A hash of eight bytes at a time: texts of rows are short, and there are many of them.

#include "codegen/interpret/text_table.h"

#include <bit>
#include <cstring>

#include "base/hash.h"

namespace quern::codegen {
namespace {

template <typename Word>
std::uint64_t load(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

std::uint64_t TextTable::hash_of(std::string_view text) {
  constexpr std::size_t kWord = 8;
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
  const char* at = text.data();
  const auto size = text.size();
  std::uint64_t hash = size * kOdd;
  if (size < kWord) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i) word = word << 8 | static_cast<unsigned char>(at[i]);
    return spread(hash ^ word);
  }
  for (std::size_t left = size; left > kWord; left -= kWord, at += kWord)
    hash = std::rotl((hash ^ load<std::uint64_t>(at)) * kOdd, 29);
  // The last word may overlap the one before it.
  return spread(hash ^ load<std::uint64_t>(text.data() + size - kWord));
}

TextTable::TextTable(const std::vector<std::string>& texts)
    : places_(std::bit_ceil(2 * texts.size() + 1)), mask_(places_.size() - 1) {
  for (const auto& text : texts) add(text);
}

void TextTable::add(std::string_view text) {
  if (find(text) != size_) return;
  const auto hash = hash_of(text);
  auto at = hash;
  while (places_[at & mask_].code != kFree) ++at;
  places_[at & mask_] = {hash, static_cast<std::uint32_t>(bytes_.size()),
                         static_cast<std::uint32_t>(text.size()), size_++};
  bytes_ += text;
}

}  // namespace quern::codegen
