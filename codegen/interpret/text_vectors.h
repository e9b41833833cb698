#pragma once
// Vectors written as text: "1, 2.5, 3" and "3:0.5 17:2". Pure functions of the text.

#include <cstdint>
#include <string_view>
#include <vector>

namespace quern::codegen {

/// Appends the numbers of a text to `out`: decimal ones, with an exponent or not, between them
/// `delimiter` (empty: a comma) with blanks around it or not; one may stand at the end. False, with
/// `out` as it was, where the text is anything else. An empty text has no numbers.
/// Rule: the nearest double to each.
bool parse_numbers(std::string_view text, std::string_view delimiter, std::vector<double>& out);

/// One entry of a sparse vector.
struct SparseEntry {
  std::uint32_t key = 0;
  float value = 0;
  friend bool operator==(const SparseEntry&, const SparseEntry&) = default;
};

/// Appends the entries of a text to `out`, by rising keys: "key" or "key:value", the value 1 where
/// there is none, between them `delimiter` (empty: blanks and commas). Values of one key are added
/// up; where no key of the text has a value, each counts once. Keys are below 2^31. False, with
/// `out` as it was, where the text is anything else. An empty text has no entries.
bool parse_entries(std::string_view text, std::string_view delimiter,
                   std::string_view key_delimiter, std::vector<SparseEntry>& out);

/// Appends how often each sequence of 1 to `words` words comes in a text, by hash below `buckets`,
/// by rising keys. A word is a run of letters and digits, with all bytes beyond ASCII; letters of
/// ASCII are taken as small ones.
void count_ngrams(std::string_view text, std::uint32_t words, std::uint32_t buckets,
                  std::vector<SparseEntry>& out);

}  // namespace quern::codegen
