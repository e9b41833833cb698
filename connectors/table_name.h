#pragma once
// Names of tables.

#include <string>

namespace quern {

/// A table or view as the user named it. Parts as written, without quotes.
struct TableName {
  std::string catalog = {};
  std::string schema = {};
  std::string table;
  friend bool operator==(const TableName&, const TableName&) = default;
};

}  // namespace quern
