#pragma once
// The MySQL and MariaDB connector's entry.

#include <memory>

#include "connectors/connector.h"

namespace quern::mysql {

/// Opens a session on a server. target.h says which URIs there are; option files and variables of
/// the environment complete them as they do for the server's own client. Errors: cannot_open.
Result<std::unique_ptr<Connection>> open(const OpenOptions& options);

}  // namespace quern::mysql
