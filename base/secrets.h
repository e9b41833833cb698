#pragma once
// Passwords never appear in any output: what shows text of the user's takes them out first.

#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace quern {

/// Replaces passwords anywhere in a text by stars, as wide as they stand on a terminal, so that
/// carets under the text stay in place. Passwords are taken to be
///   - what stands between `:` and `@` in a URI, `//user:password@host`; a URI ends at a quote,
///   white
///     space or semicolon;
///   - the value of `password=`, `passwd=`, `pwd=`, `passphrase=` and `secret_access_key=`, in
///   quotes or
///     bare, as in connection strings and parameters of a URI;
///   - a literal behind PASSWORD, IDENTIFIED BY, SECRET, TOKEN or PASSPHRASE, as in statements.
std::string mask_passwords(std::string_view text);

/// Masks what a diagnostic says. The passwords of `source`, which its spans point into, are masked
/// too where its words repeat them without their surroundings.
Diagnostic mask_passwords(Diagnostic problem, std::string_view source);

}  // namespace quern
