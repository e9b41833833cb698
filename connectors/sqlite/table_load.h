#pragma once
// A table written whole or not at all, within one transaction.

#include <memory>

#include "connectors/connector.h"
#include "connectors/sqlite/session.h"

namespace quern::sqlite {

/// Begins a load in the transaction that is open, or in one of its own. Errors: database_error,
/// read_only, write_conflict.
Result<std::unique_ptr<TableLoad>> begin_load(std::shared_ptr<Session> session,
                                              const TableOrder& order);

}  // namespace quern::sqlite
