#pragma once
// Bulk load by LOAD DATA LOCAL from memory, or by INSERT of many rows where the server forbids
// that.

#include <cstdint>
#include <memory>

#include "connectors/connector.h"
#include "connectors/mysql/session.h"

namespace quern::mysql {

/// What happens to the rows of a piece of which the server refuses some.
enum class Undo : std::uint8_t {
  piece,   ///< they are taken back
  caller,  ///< the caller gives up the table; all pieces are the caller's transaction
};

/// Opens a load into a table that find_table() found. Errors: database_error.
Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableInfo& table, Undo undo = Undo::piece);

}  // namespace quern::mysql
