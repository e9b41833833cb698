#pragma once
// The server's types and ours.

#include <string>
#include <vector>

#include "base/column.h"
#include "connectors/mysql/handles.h"

namespace quern::mysql {

/// One column of a result: its type, and what the server sends.
struct ResultColumn {
  Field field;
  enum_field_types sent = MYSQL_TYPE_NULL;
  bool is_unsigned = false;
  std::size_t bytes = 0;  ///< a value has at most so many, as far as the server tells; 0: unknown
};

/// The columns of a result or of a prepared statement. Names may repeat.
///
/// TINYINT(1) that is signed is boolean: that is what BOOL makes. DECIMAL of more than 38 digits is
/// big_number. TIME is an interval, since it may be negative and longer than a day. YEAR is int16,
/// BIT(1) boolean, a longer BIT uint64. TIMESTAMP is read as DATETIME is, in the session's zone.
/// GEOMETRY comes as blob, in the server's inner form.
std::vector<ResultColumn> result_columns(MYSQL_RES* result);

/// The type's name in CREATE TABLE.
std::string type_name(const ColumnType& type);

}  // namespace quern::mysql
