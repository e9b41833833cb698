#pragma once
// What the declared type of a column means. SQLite holds columns to none of it: any column may hold
// any value, and a result has types only as far as its columns are those of tables.
//
//   declared                                    kind       values
//   contains INT                                int64      INTEGER
//   contains CHAR, CLOB or TEXT                 text       TEXT; INTEGER and REAL as SQLite writes
//                                                          them
//   contains BLOB                               blob       BLOB, TEXT
//   contains REAL, FLOA or DOUB;                float64    REAL; INTEGER that a double holds
//   DECIMAL, NUMERIC
//   BOOLEAN, BOOL                               boolean    INTEGER 0 and 1
//   DATE, TIME                                  date, time TEXT as ISO 8601
//   DATETIME, TIMESTAMP [WITHOUT TIME ZONE],    timestamp  TEXT as ISO 8601; a time zone is
//   TIMESTAMP WITH TIME ZONE, TIMESTAMP_NS      _tz, _ns   converted to UTC, as SQLite does it
//   anything else, or nothing                   that of the values
//
// The first five rows are SQLite's affinities ("Datatypes In SQLite", 3.1), but that the exact
// names below go first. DECIMAL is a double because that is what SQLite makes of 1.10.

#include <optional>
#include <string>
#include <string_view>

#include "base/column.h"

namespace quern::sqlite {

/// The type of a column that was declared so; nullopt where the values must tell.
std::optional<ColumnType> declared_type(std::string_view declared);

/// The type's name in CREATE TABLE. Kinds that SQLite cannot keep exactly, such as decimals of more
/// than 15 digits, are text.
std::string type_name(const ColumnType& type);

}  // namespace quern::sqlite
