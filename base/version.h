#pragma once
// The version of this build.

namespace quern {

/// "0.1.0"
const char* version();

}  // namespace quern
