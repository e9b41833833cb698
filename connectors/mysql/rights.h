#pragma once
// What the session's user may do, asked before a long work whose result needs it.

#include <string>

#include "connectors/mysql/session.h"

namespace quern::mysql {

/// The commands that the server would deny the user for `sql`: "INSERT, CREATE"; "" where it would
/// deny none, or does not say. Prepares the statement, which looks at grants of every level and
/// role and changes nothing. MariaDB says so of CREATE TABLE and INSERT.
std::string denied(Session& session, const std::string& sql);

/// GRANT ... ON `schema`.* TO the session's user, as a hint. \param commands  as denied() gives
/// them
std::string grant_needed(Session& session, const std::string& commands, const std::string& schema);

/// Whether a table can be made in a schema, or read and added to where it is there.
/// Errors: read_only.
Result<void> check_rights(Session& session, const std::string& schema, const std::string& table);

}  // namespace quern::mysql
