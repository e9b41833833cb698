#pragma once
// Bulk load by LOAD DATA LOCAL from memory, or by INSERT of many rows where the server forbids
// that.

#include <memory>

#include "connectors/connector.h"
#include "connectors/mysql/session.h"

namespace quern::mysql {

/// Opens a load into a table that find_table() found. Errors: database_error.
Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableInfo& table);

}  // namespace quern::mysql
