// One pass over the text.

#include "codegen/interpret/text_vectors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "compiler/ir/feature.h"

namespace quern::codegen {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A place in a text.
struct Cursor {
  const char* at;
  const char* end;

  bool done() const { return at == end; }
  void skip_blanks() {
    while (at != end && is_blank(*at)) ++at;
  }
  bool skip(std::string_view word) {
    if (word.size() == 1) {
      if (at == end || *at != word[0]) return false;
      ++at;
      return true;
    }
    if (static_cast<std::size_t>(end - at) < word.size()) return false;
    if (std::string_view(at, word.size()) != word) return false;
    at += word.size();
    return true;
  }
};

/// Digits read so far as one whole number, and how many of them stood behind the point.
struct Digits {
  std::uint64_t whole = 0;
  int count = 0;
  int behind_point = 0;
};

void read_digits(Cursor& cursor, Digits& digits) {
  for (; !cursor.done() && is_digit(*cursor.at); ++cursor.at, ++digits.count)
    digits.whole = digits.whole * 10 + static_cast<std::uint64_t>(*cursor.at - '0');
}

/// What the short way below does not cover; finds the end of the number by itself.
bool read_slowly(Cursor& cursor, const char* begin, double& value) {
  const auto [end, error] = std::from_chars(begin, cursor.end, value);
  if (error == std::errc::result_out_of_range) {
    // Beyond a double's range: 0 or infinite, which the fit reports.
    const std::string held(begin, end);
    value = std::strtod(held.c_str(), nullptr);
  } else if (error != std::errc{} || !std::isfinite(value)) {
    return false;
  }
  cursor.at = end;
  return true;
}

/// Up to 15 digits and 22 places behind the point are one exact division.
/// Rule: Clinger, "How to Read Floating Point Numbers Accurately", 1990.
bool read_number(Cursor& cursor, double& value) {
  static constexpr std::array<double, 23> kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  constexpr int kExactDigits = 15;
  const bool plus = cursor.skip("+");
  const char* begin = cursor.at;
  const bool negative = !plus && cursor.skip("-");
  Digits digits;
  read_digits(cursor, digits);
  const int before_point = digits.count;
  if (!cursor.done() && *cursor.at == '.') {
    ++cursor.at;
    read_digits(cursor, digits);
    digits.behind_point = digits.count - before_point;
  }
  if (digits.count == 0) return false;
  const bool exponent = !cursor.done() && (*cursor.at == 'e' || *cursor.at == 'E');
  if (exponent || digits.count > kExactDigits) return read_slowly(cursor, begin, value);
  value = static_cast<double>(digits.whole);
  if (digits.behind_point > 0) value /= kPowers[static_cast<std::size_t>(digits.behind_point)];
  if (negative) value = -value;
  return true;
}

bool read_key(Cursor& cursor, std::uint32_t& key) {
  constexpr std::uint64_t kEnd = std::uint64_t{1} << 31;
  std::uint64_t value = 0;
  const char* begin = cursor.at;
  for (; !cursor.done() && is_digit(*cursor.at); ++cursor.at) {
    value = value * 10 + static_cast<std::uint64_t>(*cursor.at - '0');
    if (value >= kEnd) return false;
  }
  key = static_cast<std::uint32_t>(value);
  return cursor.at != begin;
}

/// Passes what stands between two entries. True where another may follow; `good` is false where
/// nothing stands between them.
bool next_entry(Cursor& cursor, std::string_view delimiter, bool& good) {
  const char* begin = cursor.at;
  cursor.skip_blanks();
  const bool only_blanks =
      delimiter.empty() || std::all_of(delimiter.begin(), delimiter.end(), is_blank);
  const bool delimited = cursor.skip(delimiter.empty() ? "," : delimiter);
  cursor.skip_blanks();
  good = cursor.done() || delimited || (only_blanks && cursor.at != begin);
  return good && !cursor.done();
}

/// Adds up the values of each key among the entries from `first` on.
void merge_keys(std::vector<SparseEntry>& entries, std::size_t first, bool weighted) {
  const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
  const auto by_key = [](const auto& a, const auto& b) { return a.key < b.key; };
  if (!std::is_sorted(begin, entries.end(), by_key)) std::stable_sort(begin, entries.end(), by_key);
  auto to = begin;
  for (auto from = begin; from != entries.end(); ++from) {
    if (to != begin && (to - 1)->key == from->key) {
      if (weighted) (to - 1)->value += from->value;
    } else {
      *to++ = *from;
    }
  }
  entries.erase(to, entries.end());
}

}  // namespace

bool parse_numbers(std::string_view text, std::string_view delimiter, std::vector<double>& out) {
  const auto before = out.size();
  Cursor cursor{text.data(), text.data() + text.size()};
  if (delimiter.empty()) delimiter = ",";
  cursor.skip_blanks();
  bool good = true;
  for (bool more = !cursor.done(); more;) {
    double value = 0;
    good = read_number(cursor, value);
    if (!good) break;
    out.push_back(value);
    more = next_entry(cursor, delimiter, good);
  }
  if (!good) out.resize(before);
  return good;
}

bool parse_entries(std::string_view text, std::string_view delimiter,
                   std::string_view key_delimiter, std::vector<SparseEntry>& out) {
  const auto before = out.size();
  Cursor cursor{text.data(), text.data() + text.size()};
  cursor.skip_blanks();
  bool good = true;
  bool weighted = false;
  for (bool more = !cursor.done(); more;) {
    SparseEntry entry{0, 1};
    good = read_key(cursor, entry.key);
    if (!good) break;
    if (cursor.skip(key_delimiter)) {
      double value = 0;
      good = read_number(cursor, value);
      if (!good) break;
      entry.value = static_cast<float>(value);
      weighted = true;
    }
    out.push_back(entry);
    more = next_entry(cursor, delimiter, good);
  }
  if (!good) {
    out.resize(before);
    return false;
  }
  merge_keys(out, before, weighted);
  return true;
}

namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  bool inside = false;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool letter =
        upper || (c >= 'a' && c <= 'z') || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
    if (letter && !inside) out.emplace_back();
    if (letter) out.back() += upper ? static_cast<char>(c - 'A' + 'a') : c;
    inside = letter;
  }
  return out;
}

}  // namespace

void count_ngrams(std::string_view text, std::uint32_t words, std::uint32_t buckets,
                  std::vector<SparseEntry>& out) {
  const auto first = out.size();
  const auto found = words_of(text);
  for (std::size_t begin = 0; begin < found.size(); ++begin) {
    std::string sequence;
    for (std::size_t n = 0; n < words && begin + n < found.size(); ++n) {
      sequence += (n > 0 ? " " : "") + found[begin + n];
      out.push_back({ir::hash_bucket(sequence, buckets), 1});
    }
  }
  merge_keys(out, first, true);
}

}  // namespace quern::codegen
