// Typo distances and suggestions.

#include "base/similar.h"

#include <algorithm>
#include <utility>

namespace quern {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view substitute(std::string_view name, std::span<const KnownElsewhere> known) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& other) {
    return equal_ignoring_case(other.name, name);
  });
  return found == known.end() ? std::string_view{} : found->hint;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::string nearest(std::string_view name, std::span<const std::string> known) {
  const std::size_t allowed = name.size() < 6 ? 1 : 2;
  std::size_t best = allowed + 1;
  std::string found;
  for (const auto& candidate : known) {
    const auto longer = std::max(candidate.size(), name.size());
    if (longer - std::min(candidate.size(), name.size()) > allowed) continue;
    const auto distance = edit_distance(name, candidate);
    if (distance < best && distance < longer) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string suggest(std::string_view name, std::span<const std::string> known,
                    std::string fallback) {
  const auto found = nearest(name, known);
  return found.empty() ? std::move(fallback) : "did you mean `" + found + "`?";
}

}  // namespace quern
