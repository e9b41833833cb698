#pragma once
// One query as several, each over some pages of the one table that it goes over: for reading it
// through several connections.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/postgres/session.h"
#include "connectors/postgres/types.h"
#include "connectors/some_columns.h"

namespace quern::postgres {

/// The parts of a query. One behind the other their rows are those of the query, in the order in
/// which they lie in the table.
class Division {
 public:
  std::size_t parts() const { return parts_; }
  /// The first page of a part.
  std::int64_t first_page(std::size_t part) const {
    return static_cast<std::int64_t>(part) * pages_of_part_;
  }
  WrappedQuery query(std::size_t part) const;

  /// Whether the server really reads a part as a range of pages and nothing else, and finds nothing
  /// in the query that more than one session must not do. Locks the table until the transaction
  /// ends; does not wait for that.
  bool holds(Session& session) const;

 private:
  friend std::optional<Division> divide(Session& session, const std::string& sql,
                                        const std::string& values, std::size_t columns);
  std::string text_;    ///< the query, without an end
  std::string values_;  ///< what is selected from it
  std::size_t columns_ = 0;
  TableName table_;
  std::size_t parts_ = 0;
  std::int64_t pages_of_part_ = 0;
};

/// Divides a query that filters and computes over the rows of one large table; nullopt where it
/// does anything else, and where the table is small. Asks the server, and reads no row.
///
/// \param values   what is selected, made of c0, c1, ...: see select_from().
/// \param columns  of the query.
std::optional<Division> divide(Session& session, const std::string& sql, const std::string& values,
                               std::size_t columns);

}  // namespace quern::postgres
