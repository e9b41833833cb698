#pragma once
// The connector's Connection on DuckDB.

#include <memory>

#include "connectors/connector.h"

namespace quern::duckdb {

/// Opens a database and a first session on it. Errors: cannot_open.
Result<std::unique_ptr<Connection>> open(const OpenOptions& options);

}  // namespace quern::duckdb
