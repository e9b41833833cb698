#pragma once
// The time of day as models keep it.

#include <string>

namespace quern {

/// UTC, ISO 8601 with seconds and Z.
std::string utc_now();

}  // namespace quern
