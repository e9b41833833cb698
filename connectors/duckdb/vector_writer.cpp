// The conversions, kind by kind: the other way of columns.cpp.

#include "connectors/duckdb/vector_writer.h"

#include <cstring>

#include "connectors/duckdb/types.h"

namespace quern::duckdb {
namespace {

duckdb_type plain_type(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean: return DUCKDB_TYPE_BOOLEAN;
    case TypeKind::int8: return DUCKDB_TYPE_TINYINT;
    case TypeKind::int16: return DUCKDB_TYPE_SMALLINT;
    case TypeKind::int32: return DUCKDB_TYPE_INTEGER;
    case TypeKind::int64: return DUCKDB_TYPE_BIGINT;
    case TypeKind::uint8: return DUCKDB_TYPE_UTINYINT;
    case TypeKind::uint16: return DUCKDB_TYPE_USMALLINT;
    case TypeKind::uint32: return DUCKDB_TYPE_UINTEGER;
    case TypeKind::uint64: return DUCKDB_TYPE_UBIGINT;
    case TypeKind::float32: return DUCKDB_TYPE_FLOAT;
    case TypeKind::float64: return DUCKDB_TYPE_DOUBLE;
    case TypeKind::decimal: return DUCKDB_TYPE_HUGEINT;
    case TypeKind::blob: return DUCKDB_TYPE_BLOB;
    case TypeKind::date: return DUCKDB_TYPE_DATE;
    case TypeKind::time: return DUCKDB_TYPE_TIME;
    case TypeKind::timestamp: return DUCKDB_TYPE_TIMESTAMP;
    case TypeKind::timestamp_ns: return DUCKDB_TYPE_TIMESTAMP_NS;
    case TypeKind::timestamp_tz: return DUCKDB_TYPE_TIMESTAMP_TZ;
    case TypeKind::interval: return DUCKDB_TYPE_INTERVAL;
    case TypeKind::list: return DUCKDB_TYPE_LIST;
    case TypeKind::big_number:
    case TypeKind::text:
    case TypeKind::other: return DUCKDB_TYPE_VARCHAR;
  }
  return DUCKDB_TYPE_VARCHAR;
}

void put_validity(const Slice& slice, duckdb_vector vector) {
  if (slice.column.null_count == 0) return;
  duckdb_vector_ensure_validity_writable(vector);
  auto* mask = duckdb_vector_get_validity(vector);
  for (std::int64_t i = 0; i < slice.rows; ++i) {
    if (slice.column.is_null(slice.begin + i))
      duckdb_validity_set_row_invalid(mask, static_cast<idx_t>(i));
  }
}

void put_text(const Slice& slice, duckdb_vector vector) {
  for (std::int64_t i = 0; i < slice.rows; ++i) {
    if (slice.column.is_null(slice.begin + i)) continue;
    const auto text = slice.column.text(slice.begin + i);
    duckdb_vector_assign_string_element_len(vector, static_cast<idx_t>(i), text.data(),
                                            text.size());
  }
}

void put_booleans(const Slice& slice, void* data) {
  auto* out = static_cast<bool*>(data);
  for (std::int64_t i = 0; i < slice.rows; ++i) out[i] = slice.column.boolean(slice.begin + i);
}

/// Narrows decimals to the width of the table's column; false where one does not fit its precision.
template <typename T>
bool put_decimals(const Slice& slice, void* data, __int128 limit) {
  auto* out = static_cast<T*>(data);
  const auto values = slice.column.as<__int128>().subspan(static_cast<std::size_t>(slice.begin));
  for (std::int64_t i = 0; i < slice.rows; ++i) {
    if (slice.column.is_null(slice.begin + i)) continue;
    const auto value = values[static_cast<std::size_t>(i)];
    if (value >= limit || value <= -limit) return false;
    out[i] = static_cast<T>(value);
  }
  return true;
}

__int128 ten_to_the(int digits) {
  __int128 value = 1;
  while (digits-- > 0) value *= 10;
  return value;
}

bool put_decimals(const Slice& slice, duckdb_logical_type type, void* data) {
  const auto limit = ten_to_the(duckdb_decimal_width(type));
  switch (duckdb_decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT: return put_decimals<std::int16_t>(slice, data, limit);
    case DUCKDB_TYPE_INTEGER: return put_decimals<std::int32_t>(slice, data, limit);
    case DUCKDB_TYPE_BIGINT: return put_decimals<std::int64_t>(slice, data, limit);
    default: return put_decimals<__int128>(slice, data, limit);
  }
}

bool put_lists(const Slice& slice, duckdb_logical_type type, duckdb_vector vector) {
  const auto first = slice.column.offset(slice.begin);
  const auto count = slice.column.offset(slice.begin + slice.rows) - first;
  duckdb_list_vector_reserve(vector, static_cast<idx_t>(count));
  duckdb_list_vector_set_size(vector, static_cast<idx_t>(count));
  auto* entries = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(vector));
  for (std::int64_t i = 0; i < slice.rows; ++i) {
    const auto begin = slice.column.offset(slice.begin + i);
    entries[i] = {static_cast<std::uint64_t>(begin - first),
                  static_cast<std::uint64_t>(slice.column.list_size(slice.begin + i))};
  }
  return put_column({*slice.column.elements, first, count}, child_type(type).get(),
                    duckdb_list_vector_get_child(vector));
}

}  // namespace

TypeHandle chunk_type(const ColumnType& source, duckdb_logical_type target) {
  if (source.kind == TypeKind::list) {
    const auto wanted = child_type(target);
    const auto child = chunk_type(*source.element, wanted.get() != nullptr ? wanted.get() : target);
    return TypeHandle(duckdb_create_list_type(child.get()));
  }
  if (source.kind != TypeKind::decimal)
    return TypeHandle(duckdb_create_logical_type(plain_type(source.kind)));
  const auto stored = column_type(target);
  const bool huge = duckdb_get_type_id(target) == DUCKDB_TYPE_HUGEINT;
  if (source.scale == 0 && huge) return TypeHandle(duckdb_create_logical_type(DUCKDB_TYPE_HUGEINT));
  const bool same = stored.kind == TypeKind::decimal && !huge && stored.scale == source.scale;
  return TypeHandle(duckdb_create_decimal_type(same ? stored.precision : 38, source.scale));
}

bool put_column(const Slice& slice, duckdb_logical_type type, duckdb_vector vector) {
  put_validity(slice, vector);
  void* data = duckdb_vector_get_data(vector);
  const auto id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_DECIMAL) return put_decimals(slice, type, data);
  if (id == DUCKDB_TYPE_LIST) return put_lists(slice, type, vector);
  if (id == DUCKDB_TYPE_VARCHAR || id == DUCKDB_TYPE_BLOB) {
    put_text(slice, vector);
  } else if (id == DUCKDB_TYPE_BOOLEAN) {
    put_booleans(slice, data);
  } else {
    const auto width = value_width(slice.column.type.kind);
    std::memcpy(data, slice.column.values.data() + static_cast<std::size_t>(slice.begin) * width,
                static_cast<std::size_t>(slice.rows) * width);
  }
  return true;
}

}  // namespace quern::duckdb
