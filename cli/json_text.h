#pragma once
// Text inside JSON.

#include <string>
#include <string_view>

namespace quern::cli {

/// `text` as a JSON string with its quotes (RFC 8259, 7); bytes that are not UTF-8 become U+FFFD.
std::string json_text(std::string_view text);

}  // namespace quern::cli
