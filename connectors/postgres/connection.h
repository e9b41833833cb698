#pragma once
// The PostgreSQL connector's entry.

#include <memory>

#include "connectors/connector.h"

namespace quern::postgres {

/// Opens a session on a server. The URI is libpq's, as are the variables of the environment and the
/// password file that complete it. Errors: cannot_open.
Result<std::unique_ptr<Connection>> open(const OpenOptions& options);

}  // namespace quern::postgres
