#pragma once
// Bulk load by one prepared INSERT.

#include <memory>

#include "connectors/connector.h"
#include "connectors/sqlite/session.h"

namespace quern::sqlite {

/// Opens a load into a table whose name is fully resolved. Errors: database_error, read_only,
/// write_conflict.
Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableName& name);

}  // namespace quern::sqlite
