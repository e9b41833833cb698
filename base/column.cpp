// Facts about column kinds.

#include "base/column.h"

namespace quern {

bool is_integer(TypeKind kind) {
  return (kind >= TypeKind::int8 && kind <= TypeKind::uint64) || kind == TypeKind::big_number;
}

bool is_number(TypeKind kind) { return kind >= TypeKind::int8 && kind <= TypeKind::big_number; }

bool is_bytes(TypeKind kind) {
  return kind == TypeKind::text || kind == TypeKind::blob || kind == TypeKind::other ||
         kind == TypeKind::big_number;
}

bool operator==(const ColumnType& a, const ColumnType& b) {
  if (a.kind != b.kind || a.precision != b.precision || a.scale != b.scale) return false;
  if (a.kind != TypeKind::list) return true;
  return a.size == b.size && *a.element == *b.element;
}

std::size_t value_width(TypeKind kind) {
  switch (kind) {
    case TypeKind::int8:
    case TypeKind::uint8: return 1;
    case TypeKind::int16:
    case TypeKind::uint16: return 2;
    case TypeKind::int32:
    case TypeKind::uint32:
    case TypeKind::float32:
    case TypeKind::date: return 4;
    case TypeKind::int64:
    case TypeKind::uint64:
    case TypeKind::float64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamp_ns:
    case TypeKind::timestamp_tz: return 8;
    case TypeKind::decimal:
    case TypeKind::interval: return 16;
    case TypeKind::boolean:
    case TypeKind::big_number:
    case TypeKind::list:
    case TypeKind::text:
    case TypeKind::blob:
    case TypeKind::other: return 0;
  }
  return 0;
}

std::string_view kind_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean: return "boolean";
    case TypeKind::int8: return "int8";
    case TypeKind::int16: return "int16";
    case TypeKind::int32: return "int32";
    case TypeKind::int64: return "int64";
    case TypeKind::uint8: return "uint8";
    case TypeKind::uint16: return "uint16";
    case TypeKind::uint32: return "uint32";
    case TypeKind::uint64: return "uint64";
    case TypeKind::float32: return "float32";
    case TypeKind::float64: return "float64";
    case TypeKind::decimal: return "decimal";
    case TypeKind::big_number: return "big_number";
    case TypeKind::text: return "text";
    case TypeKind::blob: return "blob";
    case TypeKind::date: return "date";
    case TypeKind::time: return "time";
    case TypeKind::timestamp: return "timestamp";
    case TypeKind::timestamp_ns: return "timestamp_ns";
    case TypeKind::timestamp_tz: return "timestamp_tz";
    case TypeKind::interval: return "interval";
    case TypeKind::list: return "list";
    case TypeKind::other: return "other";
  }
  return "other";
}

}  // namespace quern
