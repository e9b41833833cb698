#pragma once
// A table of a query's rows and what a kernel computes from them: INSERT ... SELECT, in all of
// DuckDB's threads.

#include <cstdint>

#include "connectors/connector.h"
#include "connectors/duckdb/session.h"

namespace quern::duckdb {

/// False where the query is no SELECT, or one that DuckDB takes apart into several statements.
bool computes(const std::string& query);

/// As Connection::write_computed(), in a transaction of the session's own. What the query or the
/// kernel brings about has a place in the query; the rest has none.
Result<std::int64_t> write_computed(Session& session, const TableOrder& order,
                                    const ComputedRows& rows);

}  // namespace quern::duckdb
