// The database's statements stay what they are; here is only told what they say.

#include "api/own_words.h"

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "parser/parser.h"

namespace quern {
namespace {

bool is(const SqlWord& word, std::string_view keyword) {
  return !word.quoted && equal_ignoring_case(word.text, keyword);
}

/// The only word that is left.
std::optional<std::string> only_name(const std::vector<SqlWord>& words, std::size_t from) {
  if (words.size() != from + 1 || words[from].string || words[from].text.empty()) return {};
  return words[from].text;
}

}  // namespace

std::optional<std::string> name_of_use(const std::string& sql, Dialect dialect) {
  const auto words = words_of(sql, dialect);
  if (words.empty() || !is(words[0], "use")) return std::nullopt;
  return only_name(words, 1);
}

std::optional<std::string> name_of_detach(const std::string& sql, Dialect dialect) {
  const auto words = words_of(sql, dialect);
  if (words.empty() || !is(words[0], "detach")) return std::nullopt;
  std::size_t at = 1;
  if (words.size() > at + 1 && is(words[at], "database")) ++at;
  if (words.size() > at + 2 && is(words[at], "if") && is(words[at + 1], "exists")) at += 2;
  return only_name(words, at);
}

bool sets_threads(const std::string& sql, Dialect dialect) {
  static constexpr std::array<std::string_view, 3> verbs{"set", "reset", "pragma"};
  static constexpr std::array<std::string_view, 3> scopes{"global", "session", "local"};
  const auto words = words_of(sql, dialect);
  const auto among = [&](std::size_t at, const auto& known) {
    return at < words.size() &&
           std::any_of(known.begin(), known.end(), [&](auto k) { return is(words[at], k); });
  };
  if (!among(0, verbs)) return false;
  const std::size_t at = among(1, scopes) ? 2 : 1;
  return at < words.size() && (is(words[at], "threads") || is(words[at], "worker_threads"));
}

}  // namespace quern
