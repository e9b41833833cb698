// Vectors written as text, against readers that split the text first and leave numbers to strtod().
// The first character chooses what the rest is:
//
//   0  numbers, "1, 2.5, 3"
//   1  entries, "3:0.5 17:2"
//   2  words that are counted
//   3  numbers: the delimiter, a line's end, the text
//   4  entries: the delimiter, a line's end, the delimiter behind keys, a line's end, the text

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>

#include "base/format.h"
#include "codegen/interpret/text_vectors.h"
#include "tests/fuzz/fuzz.h"

namespace quern::fuzz {
namespace {

using codegen::SparseEntry;
using Entries = std::vector<SparseEntry>;

constexpr std::string_view kBlanks = " \t\n\r";

/// What a call must leave as it was: it appends.
constexpr double kBefore = 0.25;
constexpr SparseEntry kEntryBefore{12345, 0.25F};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// The text up to the mark, taken off with it; all of it where there is none.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = std::min(text.find(mark), text.size());
  const auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

/// What strtod() makes of a text of digits, signs, points and exponents; none of any other.
std::optional<double> number_of(std::string_view text) {
  const bool decimal = text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  if (text.empty() || !decimal) return std::nullopt;
  const std::string held(text);
  char* end = nullptr;
  const double value = std::strtod(held.c_str(), &end);
  return end == held.c_str() + held.size() ? std::optional(value) : std::nullopt;
}

std::optional<std::vector<double>> split_numbers(std::string_view text) {
  std::vector<double> out;
  text = trimmed(text);
  while (!text.empty()) {
    const auto value = number_of(trimmed(take_until(text, ',')));
    if (!value) return std::nullopt;
    out.push_back(*value);
    text = trimmed(text);
  }
  return out;
}

std::optional<std::vector<double>> parse_numbers(std::string_view text,
                                                 std::string_view delimiter) {
  std::vector<double> out = {kBefore};
  const bool good = codegen::parse_numbers(text, delimiter, out);
  if (out.empty() || out.front() != kBefore) finding("numbers replace those before them");
  if (!good && out.size() != 1) finding("numbers of a text that has none");
  out.erase(out.begin());
  return good ? std::optional(out) : std::nullopt;
}

std::string written(double value) {
  if (std::isinf(value)) return value > 0 ? "1e999" : "-1e999";
  return format_double(value);
}

/// Numbers that were read and written are read as the same.
void check_written(const std::vector<double>& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : ",") + written(number);
  if (parse_numbers(text, "") != numbers) finding("numbers change when they are written: " + text);
}

void check_numbers(std::string_view text) {
  const auto numbers = parse_numbers(text, "");
  if (numbers != split_numbers(text)) finding("numbers are read otherwise than by strtod()");
  if (parse_numbers(text, ",") != numbers) finding("the comma is not the delimiter");
  if (numbers) check_written(*numbers);
}

/// The digits of a key, below 2^31.
std::optional<std::uint32_t> key_of(std::string_view text) {
  constexpr std::uint64_t kEnd = std::uint64_t{1} << 31;
  std::uint64_t key = 0;
  if (text.empty()) return std::nullopt;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
    key = std::min(key * 10 + static_cast<std::uint64_t>(c - '0'), kEnd);
  }
  return key < kEnd ? std::optional(static_cast<std::uint32_t>(key)) : std::nullopt;
}

/// The pieces between blanks, and between commas with blanks around them or not; none where commas
/// follow one another or come first.
std::optional<std::vector<std::string_view>> pieces_of(std::string_view text) {
  std::vector<std::string_view> out;
  text = trimmed(text);
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \t\n\r,"), text.size());
    if (end == 0) return std::nullopt;
    out.push_back(text.substr(0, end));
    text = trimmed(text.substr(end));
    if (text.starts_with(',')) text = trimmed(text.substr(1));
  }
  return out;
}

std::optional<Entries> split_entries(std::string_view text) {
  const auto pieces = pieces_of(text);
  if (!pieces) return std::nullopt;
  std::map<std::uint32_t, float> sums;
  bool weighted = false;
  for (auto piece : *pieces) {
    const bool valued = piece.find(':') != std::string_view::npos;
    weighted |= valued;
    const auto key = key_of(take_until(piece, ':'));
    const auto value = valued ? number_of(piece) : 1;
    if (!key || !value) return std::nullopt;
    const auto [at, is_new] = sums.emplace(*key, static_cast<float>(*value));
    if (!is_new) at->second += static_cast<float>(*value);
  }
  Entries out;
  for (const auto& [key, sum] : sums) out.push_back({key, weighted ? sum : 1});
  return out;
}

std::optional<Entries> parse_entries(std::string_view text, std::string_view delimiter,
                                     std::string_view key_delimiter) {
  Entries out = {kEntryBefore};
  const bool good = codegen::parse_entries(text, delimiter, key_delimiter, out);
  if (out.empty() || out.front() != kEntryBefore) finding("entries replace those before them");
  if (!good && out.size() != 1) finding("entries of a text that has none");
  out.erase(out.begin());
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (out[i - 1].key >= out[i].key) finding("keys do not rise");
  }
  return good ? std::optional(out) : std::nullopt;
}

bool same(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// A NaN is the sum of infinite values.
bool same(const std::optional<Entries>& a, const std::optional<Entries>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return std::equal(a->begin(), a->end(), b->begin(), b->end(), [](auto& one, auto& other) {
    return one.key == other.key && same(one.value, other.value);
  });
}

void check_entries(std::string_view text) {
  const auto entries = parse_entries(text, "", ":");
  if (!same(entries, split_entries(text))) finding("entries are read otherwise than by strtod()");
  if (!entries) return;
  std::string again;
  for (const auto& [key, value] : *entries) {
    if (std::isnan(value)) return;
    again += std::to_string(key) + ":" + written(static_cast<double>(value)) + " ";
  }
  if (!same(parse_entries(again, "", ":"), entries))
    finding("entries change when written: " + again);
}

/// Letters and digits at least are words; a sequence of up to n of them begins at each.
std::size_t count_sequences(std::string_view text, std::size_t most) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = byte >= 0x80 || std::isalnum(byte) != 0;
    words += letter && !inside ? 1 : 0;
    inside = letter;
  }
  std::size_t sequences = 0;
  for (std::size_t n = 1; n <= std::min(most, words); ++n) sequences += words + 1 - n;
  return sequences;
}

void check_ngrams(std::string_view text, std::uint32_t words, std::uint32_t buckets) {
  Entries out = {kEntryBefore};
  codegen::count_ngrams(text, words, buckets, out);
  if (out.front() != kEntryBefore) finding("counts replace entries before them");
  double total = 0;
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (out[i].key >= buckets) finding("a sequence of words beyond the buckets");
    if (i > 1 && out[i - 1].key >= out[i].key) finding("the keys of words do not rise");
    total += static_cast<double>(out[i].value);
  }
  if (total != static_cast<double>(count_sequences(text, words)))
    finding("sequences of words are counted wrong");
}

/// Any delimiters: no more comes out than the text has room for.
void check_delimited(std::string_view text, bool entries) {
  const auto delimiter = take_until(text, '\n');
  const auto key_delimiter = entries ? take_until(text, '\n') : "";
  const auto room = text.size();
  if (entries) {
    const auto found = parse_entries(text, delimiter, key_delimiter);
    if (found && found->size() > room) finding("more entries than letters");
  } else {
    const auto found = parse_numbers(text, delimiter);
    if (found && found->size() > room) finding("more numbers than letters");
    if (found) check_written(*found);
  }
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern::fuzz;
  const auto choice = choose(data, size, 5);
  const auto text = text_of(choice.rest.data(), choice.rest.size());
  if (choice.way == 0) check_numbers(text);
  if (choice.way == 1) check_entries(text);
  if (choice.way == 2) {
    for (const std::uint32_t words : {1U, 2U, 8U}) check_ngrams(text, words, 1U << (3 * words));
  }
  if (choice.way >= 3) check_delimited(text, choice.way == 4);
  return 0;
}
