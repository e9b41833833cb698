// Finding passwords in text.

#include "base/secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "base/display_width.h"
#include "base/similar.h"

namespace quern {
namespace {

/// Bytes of a text: where a password begins and ends.
using Place = std::pair<std::size_t, std::size_t>;

constexpr std::string_view kBlanks = " \t\r\n";
/// These take their value with `=`; parts of longer names count, as in sslpassword.
constexpr std::array<std::string_view, 5> kParameters{"password", "passwd", "pwd", "passphrase",
                                                      "secret_access_key"};
/// These take it as a literal right behind them. No expression of SQL has a literal there.
constexpr std::array<std::string_view, 5> kWords{"password", "identified by", "secret", "token",
                                                 "passphrase"};

bool is_quote(char c) { return c == '\'' || c == '"'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::size_t behind_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

/// The inside of a literal that begins at `at`; a doubled quote is one of its characters.
Place literal(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (auto end = at + 1; end < text.size(); ++end) {
    if (text[end] == '\\') {
      ++end;
    } else if (text[end] == quote) {
      if (end + 1 >= text.size() || text[end + 1] != quote) return {at + 1, end};
      ++end;
    }
  }
  return {at + 1, text.size()};
}

/// The password of the URI whose `://` stands at `at`.
void find_user_info(std::string_view text, std::size_t at, std::vector<Place>& found) {
  const auto begin = at + 3;
  const auto end = std::min(text.find_first_of("'\"`; \t\r\n", begin), text.size());
  const auto host = text.substr(begin, end - begin).rfind('@');  // a password may hold others
  if (host == std::string_view::npos) return;
  const auto colon = text.find(':', begin);
  if (colon < begin + host) found.emplace_back(colon + 1, begin + host);
}

/// The value of the parameter whose name ends at `at`.
void find_value(std::string_view text, std::size_t at, std::vector<Place>& found) {
  const auto equals = behind_blanks(text, at);
  if (equals == text.size() || text[equals] != '=') return;
  const auto begin = behind_blanks(text, equals + 1);
  // A string inside a literal has its quotes doubled: password=''x''.
  const bool doubled = begin + 2 < text.size() && text[begin] == '\'' && text[begin + 1] == '\'';
  if (begin < text.size() && is_quote(text[begin]) && !doubled) {
    found.push_back(literal(text, begin));
  } else if (doubled) {
    found.emplace_back(begin + 2, std::min(text.find("''", begin + 2), text.size()));
  } else if (begin == at + 1) {  // with blanks around it, `=` may compare a column of that name
    found.emplace_back(begin, std::min(text.find_first_of("&'\"`; \t\r\n", begin), text.size()));
  }
}

/// The literal behind the word that ends at `at`.
void find_literal(std::string_view text, std::size_t at, std::vector<Place>& found) {
  const auto begin = behind_blanks(text, at);
  if (begin < text.size() && text[begin] == '\'') found.push_back(literal(text, begin));
}

template <typename Find>
void at_each(std::string_view lower, std::string_view word, Find find) {
  for (auto at = lower.find(word); at != std::string_view::npos; at = lower.find(word, at + 1))
    find(at + word.size());
}

/// Every password's place, in order, none inside another.
std::vector<Place> places(std::string_view text) {
  std::vector<Place> found;
  const auto lower = lower_ascii(text);
  for (const auto key : kParameters)
    at_each(lower, key, [&](std::size_t end) { find_value(text, end, found); });
  for (const auto word : kWords)
    at_each(lower, word, [&](std::size_t end) { find_literal(text, end, found); });
  at_each(lower, "://", [&](std::size_t end) { find_user_info(text, end - 3, found); });
  std::sort(found.begin(), found.end());
  std::vector<Place> out;
  for (const auto& place : found) {
    if (out.empty() || place.first >= out.back().second) {
      out.push_back(place);
    } else {
      out.back().second = std::max(out.back().second, place.second);
    }
  }
  return out;
}

/// As wide as the secret; one at least, for without any what follows could pass for the secret.
std::string stars(std::string_view secret) {
  return std::string(secret.empty() ? 0 : std::max<std::size_t>(display_width(secret), 1), '*');
}

/// Masks a password where it stands as a word of its own.
void mask_word(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  const auto mask = stars(secret);
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    const auto end = at + secret.size();
    const bool begins = at == 0 || !is_word(text[at - 1]) || !is_word(secret.front());
    const bool ends = end == text.size() || !is_word(text[end]) || !is_word(secret.back());
    if (begins && ends) text.replace(at, secret.size(), mask);
    at += begins && ends ? mask.size() : 1;
  }
}

std::string masked(std::string_view text, const std::vector<std::string_view>& secrets) {
  auto out = mask_passwords(text);
  for (const auto secret : secrets) mask_word(out, secret);
  return out;
}

std::string masked_once(std::string_view text, const std::vector<Place>& found) {
  std::string out;
  std::size_t at = 0;
  for (const auto& [begin, end] : found) {
    out.append(text.substr(at, begin - at)).append(stars(text.substr(begin, end - begin)));
    at = end;
  }
  return out.append(text.substr(at));
}

}  // namespace

std::string mask_passwords(std::string_view text) {
  // Of two passwords that overlap, stars may hide where the first ends: then it goes on to the next
  // such end. A round that changes something makes stars of one more character, so this ends; no
  // text is known that takes more than three.
  std::string out(text);
  for (;;) {
    auto masked = masked_once(out, places(out));
    if (masked == out) return out;
    out = std::move(masked);
  }
}

Diagnostic mask_passwords(Diagnostic problem, std::string_view source) {
  std::vector<std::string_view> secrets;
  for (const auto& [begin, end] : places(source))
    secrets.push_back(source.substr(begin, end - begin));
  problem.message = masked(problem.message, secrets);
  problem.hint = masked(problem.hint, secrets);
  for (auto& note : problem.notes) note.message = masked(note.message, secrets);
  return problem;
}

}  // namespace quern
