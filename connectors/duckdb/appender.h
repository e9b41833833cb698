#pragma once
// Bulk load by data chunks.

#include <memory>

#include "connectors/connector.h"
#include "connectors/duckdb/session.h"

namespace quern::duckdb {

/// Opens a load into a table whose name is fully resolved. Errors: database_error, read_only.
Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableName& name);

}  // namespace quern::duckdb
