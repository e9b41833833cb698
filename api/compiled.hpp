#pragma once
// A statement that was looked at, and not run.

#include <string>

#include "base/column.h"

namespace quern {

struct Compiled {
  std::string message;        ///< "returns 2 columns: a INTEGER, b VARCHAR", "trains flowers: ..."
  bool returns_rows = false;  ///< queries, and PREDICT, EVALUATE and EXPLAIN that write no table
  Schema schema = {};         ///< of these rows
  std::string plan = {};      ///< of statements of ours, what EXPLAIN (FORMAT JSON) gives; else ""
};

}  // namespace quern
