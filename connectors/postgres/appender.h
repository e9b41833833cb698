#pragma once
// Bulk load by COPY.

#include <memory>

#include "connectors/connector.h"
#include "connectors/postgres/session.h"

namespace quern::postgres {

/// Opens a load into a table whose name is fully resolved. Errors: database_error.
Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableName& name);

}  // namespace quern::postgres
