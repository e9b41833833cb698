#pragma once
// Rows of a query on their way from the server.

#include <memory>
#include <string>
#include <vector>

#include "connectors/mysql/session.h"
#include "connectors/mysql/types.h"

namespace quern::mysql {

/// Reads the rows of session->running(), which has just begun. \param sql  the user's text, which
/// spans of errors point into.
std::unique_ptr<BatchStream> make_stream(std::shared_ptr<Session> session,
                                         const std::vector<ResultColumn>& columns, std::string sql);

}  // namespace quern::mysql
