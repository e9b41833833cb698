#pragma once
// Text as printable ASCII without backslashes, which XGBoost's own JSON writer would not give back.

#include <optional>
#include <string>
#include <string_view>

namespace quern::runtime {

/// Each other byte, and `%`, as %XX.
std::string escape(std::string_view text);

/// The text again; nullopt where a % is not followed by two hexadecimal digits.
std::optional<std::string> unescape(std::string_view text);

}  // namespace quern::runtime
