#pragma once
// Which queries the server can be asked for some of their columns at no cost.

#include <optional>
#include <string>
#include <vector>

namespace quern::mysql {

/// `WITH q(c0, c1, ...) AS (`sql`) SELECT c0, c4 FROM q`, of queries that the server merges into
/// one with that. Nullopt for others: with DISTINCT, GROUP BY, UNION, windows and the like it would
/// gather all rows in a table of its own first, and where ORDER BY and LIMIT stand their order is
/// not kept. Of what it cannot tell from the words alone it says nullopt.
/// Rule: MariaDB, "Derived Table Merge Optimization"; MySQL 8.0, 8.2.2.4.
/// \param used     the columns wanted, in order
/// \param columns  how many the query has
std::optional<std::string> with_fewer_columns(const std::string& sql,
                                              const std::vector<std::size_t>& used,
                                              std::size_t columns);

}  // namespace quern::mysql
