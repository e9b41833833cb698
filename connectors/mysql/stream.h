#pragma once
// Rows of a query on their way from the server.

#include <memory>
#include <string>
#include <vector>

#include "connectors/mysql/session.h"
#include "connectors/mysql/types.h"

namespace quern::mysql {

/// What a query has, and what of it the server sends.
struct Selection {
  Schema schema;                   ///< of the query
  std::vector<std::size_t> used;   ///< its columns that are looked at, in order; others are NULL
  std::vector<std::size_t> which;  ///< its columns that are sent, in order
  std::vector<ResultColumn> sent;  ///< the same, as they are sent
};

/// A result of which all is sent. \param used  empty: all.
Selection all_sent(std::vector<ResultColumn> columns, std::vector<std::size_t> used);

/// Reads the rows of session->running(), which has just begun. \param sql  the user's text, which
/// spans of errors point into.
std::unique_ptr<BatchStream> make_stream(std::shared_ptr<Session> session, Selection selection,
                                         std::string sql);

}  // namespace quern::mysql
