// The version comes from the project() line of the top CMakeLists.txt.

#include "base/version.h"

namespace quern {

const char* version() { return QUERN_VERSION; }

}  // namespace quern
