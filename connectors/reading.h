#pragma once
// How rows get out of a database, and what it says of its tables.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "connectors/table_name.h"

namespace quern {

/// What the database says of a statement before running it.
struct Description {
  Schema schema;              ///< columns of the result, in order; names may repeat
  bool returns_rows = false;  ///< false for DDL, DML, SET and the like
  /// Tables and views that the text names, resolved where the database tells; files left out.
  std::vector<TableName> reads;
};

struct TableInfo {
  TableName name;  ///< as the database resolves it, all parts filled
  Schema columns;
  bool is_view = false;
  bool is_temporary = false;
  std::string comment = {};  ///< the table's comment; "" when none
};

/// Rows of a running query. Destroying it ends the query.
class BatchStream {
 public:
  virtual ~BatchStream() = default;
  virtual const Schema& schema() const = 0;
  /// Fetches the next rows into `out`, which never is empty then; false at the end.
  /// Errors: database_error, cancelled.
  virtual Result<bool> next(ColumnBatch& out) = 0;
  /// What the database said while the rows came, for the user; asked when next() gives no more.
  virtual std::vector<Diagnostic> take_notes() { return {}; }
};

/// What came of a statement: rows still to be fetched, or the number of rows changed.
struct Execution {
  std::unique_ptr<BatchStream> rows;  ///< null when the statement returns none
  std::int64_t changed = 0;
  std::vector<Diagnostic> notes = {};  ///< for the user, such as "created quern.duckdb ..."
};

/// One state of the database, which the connection that gave it reads.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
};

}  // namespace quern
