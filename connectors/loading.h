#pragma once
// How rows get into a database.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "base/scalar_kernel.h"
#include "connectors/table_name.h"

namespace quern {

/// How writing differs from database to database.
struct WriteRules {
  /// A sibling may write while this session reads. Else the rows wait until all are read, and this
  /// session writes them.
  bool beside_reading = true;
  /// CREATE and DROP are part of the transaction that is open; else they end it.
  bool ddl_in_transaction = true;
};

/// Bulk load into one existing table, inside the connection's current transaction if there is one.
/// Destroying it before finish() abandons what was not flushed.
class Appender {
 public:
  virtual ~Appender() = default;
  /// Columns match the table's by position and type. Errors: database_error, read_only.
  virtual Result<void> append(const ColumnBatch& batch) = 0;
  virtual Result<void> finish() = 0;
};

/// What a load does to its table.
enum class LoadMode : std::uint8_t {
  create,   ///< makes it; it is not there
  replace,  ///< its rows and its shape go
  append,   ///< adds to its rows
};

/// A table that is to be written whole or not at all.
struct TableOrder {
  TableName table;  ///< as the session resolves it
  LoadMode mode = LoadMode::create;
  Schema columns = {};  ///< of the rows, and unless they are appended of the table
  /// The new table's comment, from its name with all parts filled; unused where rows are appended.
  std::function<std::string(const TableName&)> comment = {};
};

/// Rows of a query with what a kernel computes from them, all of it inside the engine.
struct ComputedRows {
  std::string query;
  std::size_t columns = 0;             ///< of the query
  std::vector<std::size_t> kept;       ///< of them, those that are written, in order
  std::vector<std::size_t> arguments;  ///< of them, those that the kernel is given, in order
  std::shared_ptr<const ScalarKernel> kernel;
  Schema answers;  ///< the kernel's, which are written behind the columns that are kept
};

/// Rows of a TableOrder on their way. Destroyed before commit() the table is as it was, or is not
/// there; inside a transaction of the user's that is for the user to decide.
class TableLoad {
 public:
  virtual ~TableLoad() = default;
  virtual Result<void> append(const ColumnBatch& batch) = 0;
  /// The table appears, with all rows and at once. Indexes of a replaced table are made anew.
  virtual Result<void> commit() = 0;
  /// What the user should hear of it, behind commit(): such as what the new table lacks of the old.
  virtual std::vector<Diagnostic> take_notes() { return {}; }
};

}  // namespace quern
