// Finding passwords in text.

#include "base/secrets.h"

#include <algorithm>

#include "base/display_width.h"
#include "base/similar.h"

namespace quern {
namespace {

void star(std::string& text, std::size_t begin, std::size_t end) {
  const auto width = display_width(std::string_view(text).substr(begin, end - begin));
  text.replace(begin, end - begin, std::string(width, '*'));
}

/// Masks the password of the URI whose `://` stands at `at`.
void mask_user_info(std::string& text, std::size_t at) {
  const auto begin = at + 3;
  const auto end = std::min(text.find_first_of("'\"`; \t\r\n", begin), text.size());
  const auto host = text.substr(begin, end - begin).rfind('@');  // a password may hold others
  if (host == std::string::npos) return;
  const auto colon = text.find(':', begin);
  if (colon < begin + host) star(text, colon + 1, begin + host);
}

void mask_parameter(std::string& text, std::string_view key) {
  for (auto at = lower_ascii(text).find(key); at != std::string::npos;) {
    const auto begin = at + key.size();
    star(text, begin, std::min(text.find_first_of("&'\"`; \t\r\n", begin), text.size()));
    at = lower_ascii(text).find(key, begin);
  }
}

}  // namespace

std::string mask_passwords(std::string_view text) {
  std::string out(text);
  for (const std::string_view key : {"password=", "passwd=", "pwd="}) mask_parameter(out, key);
  for (auto at = out.find("://"); at != std::string::npos; at = out.find("://", at + 3)) {
    mask_user_info(out, at);
  }
  return out;
}

}  // namespace quern
