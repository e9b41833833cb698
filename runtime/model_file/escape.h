#pragma once
// What files of other formats carry as text: text as printable ASCII without backslashes, which
// XGBoost's own JSON writer would not give back, and bytes as base64.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quern::runtime {

/// Each other byte, and `%`, as %XX.
std::string escape(std::string_view text);

/// The text again; nullopt where a % is not followed by two hexadecimal digits.
std::optional<std::string> unescape(std::string_view text);

/// Rule: RFC 4648, with padding.
std::string to_base64(std::span<const std::uint8_t> bytes);

/// The bytes again; nullopt for what to_base64() does not write.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace quern::runtime
