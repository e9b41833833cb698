// Declared types, both ways.

#include "connectors/sqlite/types.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace quern::sqlite {
namespace {

/// Digits that a double gives back as they were.
constexpr int kExactDigits = 15;

/// Upper case, one blank between words, without what stands in parentheses.
std::string normal_form(std::string_view declared) {
  std::string out;
  int depth = 0;
  for (const char c : declared) {
    if (c == '(') ++depth;
    if (depth == 0 && std::isspace(static_cast<unsigned char>(c)) == 0)
      out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
    if (c == ')') --depth;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::optional<TypeKind> exactly(const std::string& name) {
  static const std::array<std::pair<std::string_view, TypeKind>, 14> kNames{{
      {"BOOLEAN", TypeKind::boolean},
      {"BOOL", TypeKind::boolean},
      {"DATE", TypeKind::date},
      {"TIME", TypeKind::time},
      {"TIME WITHOUT TIME ZONE", TypeKind::time},
      {"DATETIME", TypeKind::timestamp},
      {"TIMESTAMP", TypeKind::timestamp},
      {"TIMESTAMP WITHOUT TIME ZONE", TypeKind::timestamp},
      {"TIMESTAMP WITH TIME ZONE", TypeKind::timestamp_tz},
      {"TIMESTAMPTZ", TypeKind::timestamp_tz},
      {"TIMESTAMP_NS", TypeKind::timestamp_ns},
      {"DECIMAL", TypeKind::float64},
      {"DEC", TypeKind::float64},
      {"NUMERIC", TypeKind::float64},
  }};
  for (const auto& [known, kind] : kNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

/// "Datatypes In SQLite", 3.1, in its order.
std::optional<TypeKind> by_affinity(const std::string& name) {
  const auto has = [&name](const char* part) { return name.find(part) != std::string::npos; };
  if (has("INT")) return TypeKind::int64;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return TypeKind::text;
  if (has("BLOB")) return TypeKind::blob;
  if (has("REAL") || has("FLOA") || has("DOUB")) return TypeKind::float64;
  return std::nullopt;
}

/// A declared type goes into a CREATE TABLE again only where it is one of plain words.
bool is_plain(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == ' ' || c == '(' || c == ')' || c == ',';
  });
}

}  // namespace

std::optional<ColumnType> declared_type(std::string_view declared) {
  const auto name = normal_form(declared);
  auto kind = exactly(name);
  if (!kind) kind = by_affinity(name);
  if (!kind) return std::nullopt;
  return ColumnType{.kind = *kind, .sql_name = std::string(declared)};
}

std::string type_name(const ColumnType& type) {
  if (is_plain(type.sql_name) && declared_type(type.sql_name) == std::optional(type))
    return type.sql_name;
  switch (type.kind) {
    case TypeKind::boolean: return "BOOLEAN";
    case TypeKind::int8: return "TINYINT";
    case TypeKind::int16:
    case TypeKind::uint8: return "SMALLINT";
    case TypeKind::int32:
    case TypeKind::uint16: return "INTEGER";
    case TypeKind::int64:
    case TypeKind::uint32:
    case TypeKind::uint64: return "BIGINT";
    case TypeKind::float32:
    case TypeKind::float64: return "REAL";
    case TypeKind::decimal:
      if (type.precision == 0 || type.precision > kExactDigits) return "TEXT";
      return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeKind::blob: return "BLOB";
    case TypeKind::date: return "DATE";
    case TypeKind::time: return "TIME";
    case TypeKind::timestamp: return "TIMESTAMP";
    case TypeKind::timestamp_ns: return "TIMESTAMP_NS";
    case TypeKind::timestamp_tz: return "TIMESTAMP WITH TIME ZONE";
    case TypeKind::big_number:
    case TypeKind::interval:
    case TypeKind::list:
    case TypeKind::text:
    case TypeKind::other: return "TEXT";
  }
  return "TEXT";
}

}  // namespace quern::sqlite
