#pragma once
// Columns in the server's binary form (the typreceive functions), and as the text that COPY takes.

#include <cstdint>
#include <string>

#include "base/column.h"
#include "connectors/postgres/types.h"

namespace quern::postgres {

/// Writes one value that is not NULL, with its size before it.
using WriteValue = void (*)(const Column& column, std::int64_t row, std::string& out);

/// Null where the server's type does not take such values in binary form: COPY then takes text, and
/// the server casts it.
WriteValue find_writer(const ColumnType& from, const ColumnType& to, Oid target);

/// Appends one value as a field of COPY's text format; NULL is \N.
void write_text_field(const Column& column, std::int64_t row, std::string& out);

/// Appends an integer in network byte order.
void write_int16(std::int16_t value, std::string& out);
void write_int32(std::int32_t value, std::string& out);

}  // namespace quern::postgres
