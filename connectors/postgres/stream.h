#pragma once
// Rows of a query on their way from the server.

#include <memory>
#include <string>
#include <vector>

#include "connectors/postgres/session.h"
#include "connectors/postgres/types.h"

namespace quern::postgres {

/// Starts a query whose columns are known. Rows come by COPY in binary form where the server and
/// the statement allow it, else one by one.
///
/// \param used  columns that are fetched, in order; empty: all.
/// \param sql   the user's text, which spans of errors point into.
Result<std::unique_ptr<BatchStream>> start_stream(std::shared_ptr<Session> session,
                                                  const std::vector<ResultColumn>& columns,
                                                  const std::vector<std::size_t>& used,
                                                  const std::string& sql);

}  // namespace quern::postgres
