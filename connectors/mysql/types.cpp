// What a column is, from the numbers that describe it on the wire.

#include "connectors/mysql/types.h"

#include <algorithm>
#include <string_view>

namespace quern::mysql {
namespace {

/// The collation that stands for bytes.
constexpr unsigned int kBinary = 63;
/// Bytes of a character in utf8mb4, which lengths are counted in.
constexpr unsigned long kBytesOfCharacter = 4;
constexpr int kMostDigits = 38;

std::string_view attribute(const MYSQL_FIELD& field, mariadb_field_attr_t which) {
  MARIADB_CONST_STRING out{nullptr, 0};
  if (mariadb_field_attr(&out, &field, which) != 0 || out.str == nullptr) return {};
  return {out.str, out.length};
}

ColumnType named(TypeKind kind, std::string name) {
  return {.kind = kind, .precision = 0, .scale = 0, .sql_name = std::move(name), .element = {}};
}

ColumnType integer(const MYSQL_FIELD& field, TypeKind of_signed, TypeKind of_unsigned,
                   const char* name) {
  const bool natural = (field.flags & UNSIGNED_FLAG) != 0;
  return named(natural ? of_unsigned : of_signed, std::string(name) + (natural ? " UNSIGNED" : ""));
}

ColumnType decimal_of(const MYSQL_FIELD& field) {
  const int point = field.decimals > 0 ? 1 : 0;
  const int sign = (field.flags & UNSIGNED_FLAG) != 0 ? 0 : 1;
  const int digits = std::clamp(static_cast<int>(field.length) - point - sign, 1, 65);
  const int scale = static_cast<int>(field.decimals);
  const auto name =
      "DECIMAL(" + std::to_string(std::max(digits, scale)) + "," + std::to_string(scale) + ")";
  auto out = named(digits <= kMostDigits ? TypeKind::decimal : TypeKind::big_number, name);
  if (out.kind == TypeKind::decimal) {
    out.precision = static_cast<std::uint8_t>(std::max(digits, scale));
    out.scale = static_cast<std::uint8_t>(scale);
  }
  return out;
}

ColumnType bytes(const MYSQL_FIELD& field) {
  const auto format = attribute(field, MARIADB_FIELD_ATTR_FORMAT_NAME);
  const auto own = attribute(field, MARIADB_FIELD_ATTR_DATA_TYPE_NAME);
  if (field.type == MYSQL_TYPE_JSON || format == "json") return named(TypeKind::other, "JSON");
  if (own == "uuid") return named(TypeKind::text, "UUID");
  if (own == "inet6") return named(TypeKind::other, "INET6");
  if (own == "inet4") return named(TypeKind::other, "INET4");
  if (field.type == MYSQL_TYPE_GEOMETRY) return named(TypeKind::blob, "GEOMETRY");
  if (field.charsetnr == kBinary && (field.flags & (ENUM_FLAG | SET_FLAG)) == 0 &&
      field.type != MYSQL_TYPE_NULL)
    return named(TypeKind::blob, "LONGBLOB");
  const auto characters = field.length / kBytesOfCharacter;
  const bool is_short = field.type != MYSQL_TYPE_BLOB && characters > 0 && characters < 16384;
  return named(TypeKind::text,
               is_short ? "VARCHAR(" + std::to_string(characters) + ")" : "LONGTEXT");
}

ColumnType with_fraction(TypeKind kind, const std::string& name, const MYSQL_FIELD& field) {
  const auto digits = std::min(field.decimals, 6U);
  return named(kind, digits == 0 ? name : name + "(" + std::to_string(digits) + ")");
}

ColumnType type_of(const MYSQL_FIELD& field) {
  using enum TypeKind;
  switch (field.type) {
    case MYSQL_TYPE_TINY:
      if (field.length == 1 && (field.flags & UNSIGNED_FLAG) == 0) return named(boolean, "BOOLEAN");
      return integer(field, int8, uint8, "TINYINT");
    case MYSQL_TYPE_SHORT: return integer(field, int16, uint16, "SMALLINT");
    case MYSQL_TYPE_YEAR: return named(int16, "YEAR");
    case MYSQL_TYPE_INT24: return integer(field, int32, uint32, "MEDIUMINT");
    case MYSQL_TYPE_LONG: return integer(field, int32, uint32, "INT");
    case MYSQL_TYPE_LONGLONG: return integer(field, int64, uint64, "BIGINT");
    case MYSQL_TYPE_FLOAT: return named(float32, "FLOAT");
    case MYSQL_TYPE_DOUBLE: return named(float64, "DOUBLE");
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return decimal_of(field);
    case MYSQL_TYPE_BIT:
      return named(field.length == 1 ? boolean : uint64,
                   "BIT(" + std::to_string(field.length) + ")");
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return named(date, "DATE");
    case MYSQL_TYPE_TIME: return with_fraction(interval, "TIME", field);
    case MYSQL_TYPE_DATETIME: return with_fraction(timestamp, "DATETIME", field);
    case MYSQL_TYPE_TIMESTAMP: return with_fraction(timestamp, "TIMESTAMP", field);
    default: return bytes(field);
  }
}

}  // namespace

std::vector<ResultColumn> result_columns(MYSQL_RES* result) {
  std::vector<ResultColumn> out;
  const auto count = mysql_num_fields(result);
  for (unsigned int i = 0; i < count; ++i) {
    const auto& field = *mysql_fetch_field_direct(result, i);
    out.push_back({.field = {std::string(field.name, field.name_length), type_of(field)},
                   .sent = field.type,
                   .is_unsigned = (field.flags & UNSIGNED_FLAG) != 0,
                   .bytes = field.length});
  }
  return out;
}

std::string type_name(const ColumnType& type) {
  using enum TypeKind;
  switch (type.kind) {
    case boolean: return "BOOLEAN";
    case int8: return "TINYINT";
    case int16: return "SMALLINT";
    case int32: return "INT";
    case int64: return "BIGINT";
    case uint8: return "TINYINT UNSIGNED";
    case uint16: return "SMALLINT UNSIGNED";
    case uint32: return "INT UNSIGNED";
    case uint64: return "BIGINT UNSIGNED";
    case float32: return "FLOAT";
    case float64: return "DOUBLE";
    case decimal:
      return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case big_number: return type.sql_name.starts_with("DECIMAL(") ? type.sql_name : "LONGTEXT";
    case date: return "DATE";
    case time:
    case interval: return "TIME(6)";
    case timestamp:
    case timestamp_ns:
    case timestamp_tz: return "DATETIME(6)";
    case blob: return "LONGBLOB";
    case other: return type.sql_name == "JSON" ? "JSON" : "LONGTEXT";
    default: return "LONGTEXT";
  }
}

}  // namespace quern::mysql
