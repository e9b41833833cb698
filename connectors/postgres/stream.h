#pragma once
// Rows of a query on their way from the server.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connectors/postgres/session.h"
#include "connectors/postgres/types.h"
#include "connectors/some_columns.h"

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

/// What a query must be wrapped in so that every column can be read: `c0, c4::text`.
std::string wrapped_values(const std::vector<ResultColumn>& columns,
                           const std::vector<std::size_t>& used);
/// Whether the statement can stand in COPY (...) and behind FROM.
bool is_query(const std::string& sql);

/// A part of a table's rows.
struct Part {
  WrappedQuery query;
  std::int64_t first_page = 0;  ///< of the table: errors count rows from there
};
/// Starts a part of a query, by COPY; the rest as above.
Result<std::unique_ptr<BatchStream>> start_part(std::shared_ptr<Session> session,
                                                const std::vector<ResultColumn>& columns,
                                                const std::vector<std::size_t>& used,
                                                const std::string& sql, const Part& part);

}  // namespace quern::postgres
