#pragma once
// Rows of a running DuckDB query, chunk by chunk.

#include <memory>

#include "connectors/connector.h"
#include "connectors/duckdb/session.h"

namespace quern::duckdb {

/// A statement as DuckDB runs it, and how what comes belongs to the one that was written.
struct Running {
  Prepared prepared;
  Schema schema;                  ///< of the statement that was written
  std::vector<std::size_t> sent;  ///< its columns that DuckDB sends, in order
  std::vector<std::size_t> used;  ///< those that are looked at, in order; others come as NULL
  std::string text;               ///< what DuckDB is given
  std::size_t before = 0;         ///< bytes in front of what was written
  std::size_t after = 0;          ///< bytes behind it
  Source source() const { return {text, before, after}; }
};

/// The statement as it was written or, where DuckDB takes that, asked for what is used alone.
/// \param used  columns, in order; empty: all.
Running run_as(Session& session, Prepared prepared, const std::string& sql,
               const std::vector<std::size_t>& used);

/// Hands out the rows of `result`, which session.start() filled from `running`.
std::unique_ptr<BatchStream> make_stream(std::shared_ptr<Session> session, Running running,
                                         std::unique_ptr<QueryResult> result);

}  // namespace quern::duckdb
