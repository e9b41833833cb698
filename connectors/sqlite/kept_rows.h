#pragma once
// A query whose types only its rows tell is begun when it is described. What is computed for long
// and has few rows, such as GROUP BY, is whole by then, and need not run a second time.

#include <memory>
#include <string>
#include <vector>

#include "connectors/sqlite/stream.h"

namespace quern::sqlite {

/// The rows of the query that was described last, until anything may have changed them.
class KeptRows {
 public:
  /// Keeps a stream that has read all its rows; forgets what was kept before.
  void keep(Session& session, const std::string& sql, std::unique_ptr<Stream> stream);
  /// Hands them out, once: null where another query was described, or where a table was changed
  /// since, by whomever.
  std::unique_ptr<Stream> take(Session& session, const std::string& sql,
                               const std::vector<std::size_t>& used);
  /// Told of each statement that is not a mere query: it may change what queries mean.
  void forget() { stream_.reset(); }

 private:
  std::string sql_;
  std::string state_;  ///< of the databases, as state_of() tells it
  std::unique_ptr<Stream> stream_;
};

}  // namespace quern::sqlite
