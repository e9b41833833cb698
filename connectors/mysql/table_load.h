#pragma once
// Writing a result table on MySQL.

#include <memory>

#include "connectors/connector.h"
#include "connectors/mysql/session.h"
#include "connectors/write_scope.h"

namespace quern::mysql {

/// Begins to add rows to a table, in the transaction of the scope, which is open.
Result<std::unique_ptr<TableLoad>> begin_append(WriteScope scope, std::shared_ptr<Session> session,
                                                const TableOrder& order);

/// Begins a table that is created or replaced. MySQL commits before and after each CREATE: the rows
/// go into a staging table beside the target, and one RENAME puts it in its place. \param own  the
/// connection of `session`, for this load alone. \param user  whose cancel() ends the wait for
/// sessions that hold on to the old table.
///
/// The staging table's name holds an id, and a lock of the server's with that id is held as long as
/// its writer lives. Tables whose lock is free are left of writers that died: the next load in the
/// database drops them.
Result<std::unique_ptr<TableLoad>> begin_staged(std::unique_ptr<Connection> own,
                                                std::shared_ptr<Session> session,
                                                std::shared_ptr<Session> user,
                                                const TableOrder& order);

}  // namespace quern::mysql
