// The table of types, both ways.

#include "connectors/duckdb/types.h"

#include "connectors/connector.h"

namespace quern::duckdb {
namespace {

std::string name_of(duckdb_logical_type type);

std::string quoted(const char* name) { return quote_identifier(name, Dialect::duckdb); }

std::string decimal_name(int precision, int scale) {
  return "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
}

std::string enum_name(duckdb_logical_type type) {
  std::string name = "ENUM(";
  for (idx_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
    const TextHandle word(duckdb_enum_dictionary_value(type, i));
    name += (i > 0 ? ", " : "") + quote_text(word.get(), Dialect::duckdb);
  }
  return name + ")";
}

std::string struct_name(duckdb_logical_type type) {
  std::string name = "STRUCT(";
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    const TextHandle member(duckdb_struct_type_child_name(type, i));
    const TypeHandle child(duckdb_struct_type_child_type(type, i));
    name += (i > 0 ? ", " : "") + quoted(member.get()) + " " + name_of(child.get());
  }
  return name + ")";
}

std::string union_name(duckdb_logical_type type) {
  std::string name = "UNION(";
  for (idx_t i = 0; i < duckdb_union_type_member_count(type); ++i) {
    const TextHandle member(duckdb_union_type_member_name(type, i));
    const TypeHandle child(duckdb_union_type_member_type(type, i));
    name += (i > 0 ? ", " : "") + quoted(member.get()) + " " + name_of(child.get());
  }
  return name + ")";
}

std::string list_name(duckdb_logical_type type) {
  const TypeHandle child(duckdb_list_type_child_type(type));
  return name_of(child.get()) + "[]";
}

std::string array_name(duckdb_logical_type type) {
  const TypeHandle child(duckdb_array_type_child_type(type));
  return name_of(child.get()) + "[" + std::to_string(duckdb_array_type_array_size(type)) + "]";
}

std::string map_name(duckdb_logical_type type) {
  const TypeHandle key(duckdb_map_type_key_type(type));
  const TypeHandle value(duckdb_map_type_value_type(type));
  return "MAP(" + name_of(key.get()) + ", " + name_of(value.get()) + ")";
}

const char* plain_name(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_VARCHAR: return "VARCHAR";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_BIT: return "BIT";
    case DUCKDB_TYPE_BIGNUM: return "BIGNUM";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_TIME_NS: return "TIME_NS";
    case DUCKDB_TYPE_TIME_TZ: return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S: return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS: return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS: return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL: return "INTERVAL";
    case DUCKDB_TYPE_SQLNULL: return "\"NULL\"";
    default: return "";  // VARIANT and whatever comes later: the C API does not name it
  }
}

std::string name_of(duckdb_logical_type type) {
  const auto id = duckdb_get_type_id(type);
  const TextHandle alias(duckdb_logical_type_get_alias(type));
  if (alias.get() != nullptr && id == DUCKDB_TYPE_VARCHAR) return alias.get();  // JSON
  switch (id) {
    case DUCKDB_TYPE_DECIMAL:
      return decimal_name(duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_ENUM: return enum_name(type);
    case DUCKDB_TYPE_LIST: return list_name(type);
    case DUCKDB_TYPE_ARRAY: return array_name(type);
    case DUCKDB_TYPE_STRUCT: return struct_name(type);
    case DUCKDB_TYPE_UNION: return union_name(type);
    case DUCKDB_TYPE_MAP: return map_name(type);
    default: return plain_name(id);
  }
}

TypeKind kind_of(duckdb_logical_type type) {
  const TextHandle alias(duckdb_logical_type_get_alias(type));
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: return TypeKind::boolean;
    case DUCKDB_TYPE_TINYINT: return TypeKind::int8;
    case DUCKDB_TYPE_SMALLINT: return TypeKind::int16;
    case DUCKDB_TYPE_INTEGER: return TypeKind::int32;
    case DUCKDB_TYPE_BIGINT: return TypeKind::int64;
    case DUCKDB_TYPE_UTINYINT: return TypeKind::uint8;
    case DUCKDB_TYPE_USMALLINT: return TypeKind::uint16;
    case DUCKDB_TYPE_UINTEGER: return TypeKind::uint32;
    case DUCKDB_TYPE_UBIGINT: return TypeKind::uint64;
    case DUCKDB_TYPE_FLOAT: return TypeKind::float32;
    case DUCKDB_TYPE_DOUBLE: return TypeKind::float64;
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_DECIMAL: return TypeKind::decimal;
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_BIGNUM: return TypeKind::big_number;
    case DUCKDB_TYPE_ENUM:
    case DUCKDB_TYPE_UUID: return TypeKind::text;
    case DUCKDB_TYPE_VARCHAR: return alias.get() == nullptr ? TypeKind::text : TypeKind::other;
    case DUCKDB_TYPE_BLOB: return TypeKind::blob;
    case DUCKDB_TYPE_DATE: return TypeKind::date;
    case DUCKDB_TYPE_TIME: return TypeKind::time;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS: return TypeKind::timestamp;
    case DUCKDB_TYPE_TIMESTAMP_NS: return TypeKind::timestamp_ns;
    case DUCKDB_TYPE_TIMESTAMP_TZ: return TypeKind::timestamp_tz;
    case DUCKDB_TYPE_INTERVAL: return TypeKind::interval;
    default: return TypeKind::other;
  }
}

/// A list of numbers or booleans is a list of ours; any other is shown as DuckDB writes it.
void settle_list(ColumnType& out, duckdb_logical_type type) {
  const auto child = child_type(type);
  if (child.get() == nullptr) return;
  out.element = std::make_shared<const ColumnType>(column_type(child.get()));
  if (duckdb_get_type_id(type) == DUCKDB_TYPE_ARRAY)
    out.size = static_cast<std::int32_t>(duckdb_array_type_array_size(type));
  if (is_number(out.element->kind) || out.element->kind == TypeKind::boolean)
    out.kind = TypeKind::list;
}

std::string list_name(const ColumnType& type) {
  return type_name(*type.element) + "[" + (type.size > 0 ? std::to_string(type.size) : "") + "]";
}

}  // namespace

TypeHandle child_type(duckdb_logical_type list) {
  switch (duckdb_get_type_id(list)) {
    case DUCKDB_TYPE_LIST: return TypeHandle(duckdb_list_type_child_type(list));
    case DUCKDB_TYPE_ARRAY: return TypeHandle(duckdb_array_type_child_type(list));
    default: return {};
  }
}

ColumnType column_type(duckdb_logical_type type) {
  ColumnType out{.kind = kind_of(type), .sql_name = name_of(type)};
  settle_list(out, type);
  if (out.kind != TypeKind::decimal) return out;
  const bool huge = duckdb_get_type_id(type) == DUCKDB_TYPE_HUGEINT;
  out.precision = huge ? 38 : duckdb_decimal_width(type);
  out.scale = huge ? 0 : duckdb_decimal_scale(type);
  return out;
}

std::string type_name(const ColumnType& type) {
  if (!type.sql_name.empty()) return type.sql_name;
  switch (type.kind) {
    case TypeKind::boolean: return "BOOLEAN";
    case TypeKind::int8: return "TINYINT";
    case TypeKind::int16: return "SMALLINT";
    case TypeKind::int32: return "INTEGER";
    case TypeKind::int64: return "BIGINT";
    case TypeKind::uint8: return "UTINYINT";
    case TypeKind::uint16: return "USMALLINT";
    case TypeKind::uint32: return "UINTEGER";
    case TypeKind::uint64: return "UBIGINT";
    case TypeKind::float32: return "FLOAT";
    case TypeKind::float64: return "DOUBLE";
    case TypeKind::decimal:
      return decimal_name(type.precision == 0 ? 38 : type.precision, type.scale);
    case TypeKind::big_number: return "BIGNUM";
    case TypeKind::blob: return "BLOB";
    case TypeKind::date: return "DATE";
    case TypeKind::time: return "TIME";
    case TypeKind::timestamp: return "TIMESTAMP";
    case TypeKind::timestamp_ns: return "TIMESTAMP_NS";
    case TypeKind::interval: return "INTERVAL";
    case TypeKind::list: return list_name(type);
    case TypeKind::timestamp_tz: return "TIMESTAMP WITH TIME ZONE";
    case TypeKind::text:
    case TypeKind::other: return "VARCHAR";
  }
  return "VARCHAR";
}

}  // namespace quern::duckdb
