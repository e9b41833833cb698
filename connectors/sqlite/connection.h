#pragma once
// The connector's Connection on SQLite.

#include <memory>

#include "connectors/connector.h"

namespace quern::sqlite {

/// Opens a database file, which SQLite makes where it is missing, or `:memory:`. Errors:
/// cannot_open.
Result<std::unique_ptr<Connection>> open(const OpenOptions& options);

}  // namespace quern::sqlite
