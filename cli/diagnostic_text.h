#pragma once
// A diagnostic for a terminal: what is quoted in it cannot steer the terminal, and code, caret and
// help have colours.

#include <string>

#include "api/quern.hpp"

namespace quern::cli {

/// \param drawn  by render().
std::string for_terminal(const std::string& drawn, bool colour);

}  // namespace quern::cli
