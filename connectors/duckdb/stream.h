#pragma once
// Rows of a running DuckDB query, chunk by chunk.

#include <memory>

#include "connectors/connector.h"
#include "connectors/duckdb/session.h"

namespace quern::duckdb {

/// Hands out the rows of `result`, which session.start() filled from `prepared`.
///
/// \param sql  the statement's text, for the spans of errors that come up later.
std::unique_ptr<BatchStream> make_stream(std::shared_ptr<Session> session, Prepared prepared,
                                         std::unique_ptr<QueryResult> result, std::string sql);

}  // namespace quern::duckdb
