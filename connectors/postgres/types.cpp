// The table of types, both ways.

#include "connectors/postgres/types.h"

namespace quern::postgres {
namespace {

/// numeric(p, s) as the server keeps it in a modifier; nothing where it has none.
struct Digits {
  int precision = 0;
  int scale = 0;
};

Digits digits_of(int modifier) {
  if (modifier < 4) return {};
  const int packed = modifier - 4;
  // Eleven bits, signed.
  const int scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return {(packed >> 16) & 0xffff, scale};
}

ColumnType numeric_type(int modifier) {
  const auto digits = digits_of(modifier);
  const bool fits = digits.precision > 0 && digits.precision <= 38 && digits.scale >= 0 &&
                    digits.scale <= digits.precision;
  if (!fits) return {.kind = TypeKind::big_number};
  return {.kind = TypeKind::decimal,
          .precision = static_cast<std::uint8_t>(digits.precision),
          .scale = static_cast<std::uint8_t>(digits.scale)};
}

/// The element of an array that is a list of ours; 0 for other types.
Oid element_of(Oid type) {
  switch (type) {
    case oid::booleans: return oid::boolean;
    case oid::int2s: return oid::int2;
    case oid::int4s: return oid::int4;
    case oid::int8s: return oid::int8;
    case oid::float4s: return oid::float4;
    case oid::float8s: return oid::float8;
    case oid::numerics: return oid::numeric;
    default: return 0;
  }
}

TypeKind plain_kind(Oid type) {
  switch (type) {
    case oid::boolean: return TypeKind::boolean;
    case oid::int2: return TypeKind::int16;
    case oid::int4: return TypeKind::int32;
    case oid::int8: return TypeKind::int64;
    case oid::object: return TypeKind::uint32;
    case oid::float4: return TypeKind::float32;
    case oid::float8: return TypeKind::float64;
    case oid::bytea: return TypeKind::blob;
    case oid::date: return TypeKind::date;
    case oid::time: return TypeKind::time;
    case oid::timestamp: return TypeKind::timestamp;
    case oid::timestamptz: return TypeKind::timestamp_tz;
    case oid::interval: return TypeKind::interval;
    case oid::character:
    case oid::name:
    case oid::text:
    case oid::unknown:
    case oid::bpchar:
    case oid::varchar:
    case oid::uuid: return TypeKind::text;
    default: return TypeKind::other;
  }
}

/// Shown as the server writes it, and sent so.
bool is_sent_as_text(Oid type) { return type == oid::json || type == oid::void_; }

ColumnType base_type(Oid type, int modifier) {
  if (type == oid::numeric) return numeric_type(modifier);
  if (const Oid element = element_of(type); element != 0) {
    ColumnType out{.kind = TypeKind::list};
    auto inner = base_type(element, modifier);
    inner.sql_name = type_name(inner);
    out.element = std::make_shared<const ColumnType>(std::move(inner));
    return out;
  }
  return {.kind = plain_kind(type)};
}

/// A type that not every server has.
void settle_other(ResultColumn& column, const ServerType& type) {
  if (type.kind == 'e' || (type.kind == 'b' && type.category == 'S')) {
    column.field.type.kind = TypeKind::text;  // enums and citext are sent as their text
  } else if (type.spelling == "vector" || type.spelling == "halfvec") {
    // pgvector's: dense vectors of a size.
    column.cast = "real[]";
    column.sent = oid::float4s;
    column.field.type = base_type(oid::float4s, -1);
  } else if (type.spelling == "money") {
    column.cast = "numeric";
    column.sent = oid::numeric;
    column.field.type.kind = TypeKind::big_number;
  } else {
    column.cast = "text";
    column.sent = oid::text;
  }
}

}  // namespace

Result<std::vector<ResultColumn>> result_columns(Session& session, const PGresult* described) {
  std::vector<std::pair<Oid, int>> wanted;
  for (int i = 0; i < PQnfields(described); ++i)
    wanted.emplace_back(PQftype(described, i), PQfmod(described, i));
  QUERN_TRY(const auto names, session.types(wanted));
  std::vector<ResultColumn> out;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto [type, modifier] = wanted[i];
    ResultColumn column{{PQfname(described, static_cast<int>(i)), base_type(type, modifier)}, type};
    if (column.field.type.kind == TypeKind::other && !is_sent_as_text(type))
      settle_other(column, names[i]);
    column.field.type.sql_name = type == oid::unknown ? "text" : names[i].name;
    out.push_back(std::move(column));
  }
  return out;
}

std::string type_name(const ColumnType& type) {
  if (!type.sql_name.empty()) return type.sql_name;
  switch (type.kind) {
    case TypeKind::boolean: return "boolean";
    case TypeKind::int8:
    case TypeKind::uint8:
    case TypeKind::int16: return "smallint";
    case TypeKind::uint16:
    case TypeKind::int32: return "integer";
    case TypeKind::uint32:
    case TypeKind::int64: return "bigint";
    case TypeKind::uint64: return "numeric(20,0)";
    case TypeKind::float32: return "real";
    case TypeKind::float64: return "double precision";
    case TypeKind::decimal:
      return "numeric(" + std::to_string(type.precision == 0 ? 38 : type.precision) + "," +
             std::to_string(type.scale) + ")";
    case TypeKind::big_number: return "numeric";
    case TypeKind::blob: return "bytea";
    case TypeKind::date: return "date";
    case TypeKind::time: return "time without time zone";
    case TypeKind::timestamp:
    case TypeKind::timestamp_ns: return "timestamp without time zone";
    case TypeKind::timestamp_tz: return "timestamp with time zone";
    case TypeKind::interval: return "interval";
    case TypeKind::list: return type_name(*type.element) + "[]";
    case TypeKind::text:
    case TypeKind::other: return "text";
  }
  return "text";
}

}  // namespace quern::postgres
