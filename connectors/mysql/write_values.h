#pragma once
// Columns as the text of rows, for LOAD DATA and for INSERT.

#include <cstdint>
#include <string>

#include "base/column.h"

namespace quern::mysql {

/// Appends one value that is not NULL. False for one that the server has no value for.
using WriteValue = bool (*)(const Column& column, std::int64_t row, std::string& out);

/// For fields that are ended by tabs and lines by newlines, with backslash escapes; bytes of blobs
/// are in hexadecimal digits.
WriteValue find_field_writer(TypeKind kind);
/// For literals of SQL in a session whose sql_mode has backslash escapes.
WriteValue find_literal_writer(TypeKind kind);

}  // namespace quern::mysql
