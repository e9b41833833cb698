#pragma once
// Passwords never appear in any output: what shows text of the user's takes them out first.

#include <string>
#include <string_view>

namespace quern {

/// Replaces passwords in connection URIs (`//user:password@host`, `password=...`) anywhere in a
/// text by stars, as wide as they stand on a terminal, so that carets under the text stay in place.
/// A URI ends at a quote, white space or semicolon.
std::string mask_passwords(std::string_view text);

}  // namespace quern
