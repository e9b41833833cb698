#pragma once
// Several connections of one session, told apart by the first part of a name.

#include "base/result.h"
#include "connectors/connector.h"

namespace quern {

/// Where a table or a model lies.
struct Placed {
  Connection& connection;
  TableName name;          ///< as that connection resolves it
  bool elsewhere = false;  ///< not on the connection in use
};

/// Finds the connection that a name leads to.
class Places {
 public:
  virtual ~Places() = default;
  /// The first of several parts may be a connection's name, and is taken off then; a schema or
  /// database of the connection in use goes before it. Errors: those of schema_exists().
  virtual Result<Placed> place(const TableName& name) = 0;
};

}  // namespace quern
