#pragma once
// Writing a result table on PostgreSQL.

#include <memory>

#include "connectors/connector.h"
#include "connectors/postgres/session.h"
#include "connectors/write_scope.h"

namespace quern::postgres {

/// Begins a load in a scope that is open. \param session  of the scope's connection.
///
/// A new table is made in the transaction and seen by nobody before its end. Rows that replace go
/// into a table beside the old one, so that its readers wait for the swap alone and not for the
/// rows. Where nothing depends on the old table, the new one takes its name, with its indexes,
/// rules, owner and grants; else, and where the columns are the same, the rows move into the old
/// one.
Result<std::unique_ptr<TableLoad>> begin_load(WriteScope scope, Session& session,
                                              const TableOrder& order);

}  // namespace quern::postgres
