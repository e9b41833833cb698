// Walks nested vectors as duckdb.h, "Vector Interface", lays them out.

#include "connectors/duckdb/render.h"

#include <algorithm>
#include <cstring>

namespace quern::duckdb {
namespace {

std::vector<TypeHandle> child_types(duckdb_logical_type type) {
  std::vector<TypeHandle> out;
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST: out.emplace_back(duckdb_list_type_child_type(type)); break;
    case DUCKDB_TYPE_ARRAY: out.emplace_back(duckdb_array_type_child_type(type)); break;
    case DUCKDB_TYPE_MAP:
      out.emplace_back(duckdb_map_type_key_type(type));
      out.emplace_back(duckdb_map_type_value_type(type));
      break;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        out.emplace_back(duckdb_struct_type_child_type(type, i));
      }
      break;
    case DUCKDB_TYPE_UNION:
      for (idx_t i = 0; i < duckdb_union_type_member_count(type); ++i) {
        out.emplace_back(duckdb_union_type_member_type(type, i));
      }
      break;
    default: break;
  }
  return out;
}

/// The C API cannot copy a type; a list's child type is a copy.
TypeHandle copy_of(duckdb_logical_type type) {
  const TypeHandle list(duckdb_create_list_type(type));
  return TypeHandle(duckdb_list_type_child_type(list.get()));
}

template <typename T>
T at(const void* data, idx_t row) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + row * sizeof(T), sizeof(T));
  return value;
}

bool is_null(duckdb_vector vector, idx_t row) {
  auto* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
}

/// The C functions take arrays of raw values and copy them. They refuse a null pointer, even for
/// none.
std::vector<duckdb_value> raw(const std::vector<ValueHandle>& values) {
  std::vector<duckdb_value> out;
  out.reserve(values.size() + 1);
  for (const auto& value : values) out.push_back(value.get());
  return out;
}

duckdb_value bit_value(std::string_view bytes) {
  auto* data = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  return duckdb_create_bit({data, bytes.size()});
}

/// A stored BIGNUM is a three-byte header (its top bit set: not negative) and the magnitude, most
/// significant byte first; all bits are inverted where it is negative. Source: DuckDB,
/// src/include/duckdb/common/bignum.hpp.
duckdb_value bignum_value(std::string_view bytes) {
  constexpr std::size_t kHeader = 3;
  const bool negative = (static_cast<unsigned char>(bytes[0]) & 0x80U) == 0;
  std::vector<std::uint8_t> magnitude(bytes.begin() + kHeader, bytes.end());
  if (negative) {
    for (auto& byte : magnitude) byte = static_cast<std::uint8_t>(~byte);
  }
  return duckdb_create_bignum({magnitude.data(), magnitude.size(), negative});
}

/// A stored UUID is a signed 128-bit integer whose top bit is flipped, so that it sorts as text
/// does.
duckdb_uhugeint uuid_at(const void* data, idx_t row) {
  auto value = at<duckdb_uhugeint>(data, row);
  value.upper ^= 1ULL << 63U;
  return value;
}

/// Written here and not by DuckDB: UUIDs are the keys of many tables, and this is ten times as
/// fast.
std::string uuid_text(duckdb_uhugeint value) {
  std::string out;
  for (unsigned digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) out += '-';
    const auto half = digit < 16 ? value.upper : value.lower;
    out += "0123456789abcdef"[half >> (60 - 4 * (digit % 16)) & 15U];
  }
  return out;
}

}  // namespace

Renderer::Renderer(duckdb_logical_type type) : id_(duckdb_get_type_id(type)), type_(copy_of(type)) {
  for (const auto& child : child_types(type)) children_.emplace_back(child.get());
}

bool Renderer::possible() const {
  const auto child_possible = [](const Renderer& child) { return child.possible(); };
  return id_ != DUCKDB_TYPE_INVALID &&
         std::all_of(children_.begin(), children_.end(), child_possible);
}

std::string Renderer::text(duckdb_vector vector, idx_t row) const {
  if (id_ == DUCKDB_TYPE_UUID) return uuid_text(uuid_at(duckdb_vector_get_data(vector), row));
  const auto made = value(vector, row);
  const TextHandle text(duckdb_get_varchar(made.get()));
  return text.get() == nullptr ? "" : text.get();
}

ValueHandle Renderer::value(duckdb_vector vector, idx_t row) const {
  if (is_null(vector, row)) return ValueHandle(duckdb_create_null_value());
  const auto* data = duckdb_vector_get_data(vector);
  switch (id_) {
    case DUCKDB_TYPE_LIST: {
      const auto entry = at<duckdb_list_entry>(data, row);
      return list(duckdb_list_vector_get_child(vector), entry.offset, entry.length);
    }
    case DUCKDB_TYPE_ARRAY: {
      const auto size = duckdb_array_type_array_size(type_.get());
      return list(duckdb_array_vector_get_child(vector), row * size, size);
    }
    case DUCKDB_TYPE_MAP: return map(vector, row);
    case DUCKDB_TYPE_STRUCT: return structure(vector, row);
    case DUCKDB_TYPE_UNION: return tagged(vector, row);
    default: return scalar(data, row);
  }
}

ValueHandle Renderer::list(duckdb_vector vector, idx_t begin, idx_t count) const {
  std::vector<ValueHandle> values;
  for (idx_t i = 0; i < count; ++i) values.push_back(children_[0].value(vector, begin + i));
  auto items = raw(values);
  const auto create =
      id_ == DUCKDB_TYPE_ARRAY ? duckdb_create_array_value : duckdb_create_list_value;
  // The child's type stays alive in its renderer; DuckDB wants it, not the list's.
  return ValueHandle(create(children_[0].type_.get(), items.data(), items.size()));
}

ValueHandle Renderer::map(duckdb_vector vector, idx_t row) const {
  const auto entry = at<duckdb_list_entry>(duckdb_vector_get_data(vector), row);
  auto* pairs = duckdb_list_vector_get_child(vector);
  std::vector<ValueHandle> keys;
  std::vector<ValueHandle> values;
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    keys.push_back(children_[0].value(duckdb_struct_vector_get_child(pairs, 0), i));
    values.push_back(children_[1].value(duckdb_struct_vector_get_child(pairs, 1), i));
  }
  auto raw_keys = raw(keys);
  auto raw_values = raw(values);
  return ValueHandle(
      duckdb_create_map_value(type_.get(), raw_keys.data(), raw_values.data(), raw_keys.size()));
}

ValueHandle Renderer::structure(duckdb_vector vector, idx_t row) const {
  std::vector<ValueHandle> values;
  for (idx_t i = 0; i < children_.size(); ++i) {
    values.push_back(children_[i].value(duckdb_struct_vector_get_child(vector, i), row));
  }
  auto members = raw(values);
  return ValueHandle(duckdb_create_struct_value(type_.get(), members.data()));
}

ValueHandle Renderer::tagged(duckdb_vector vector, idx_t row) const {
  const auto tag =
      at<std::uint8_t>(duckdb_vector_get_data(duckdb_struct_vector_get_child(vector, 0)), row);
  const auto member = children_[tag].value(duckdb_struct_vector_get_child(vector, tag + 1U), row);
  return ValueHandle(duckdb_create_union_value(type_.get(), tag, member.get()));
}

ValueHandle Renderer::decimal(const void* data, idx_t row) const {
  __int128 wide = 0;
  switch (duckdb_decimal_internal_type(type_.get())) {
    case DUCKDB_TYPE_SMALLINT: wide = at<std::int16_t>(data, row); break;
    case DUCKDB_TYPE_INTEGER: wide = at<std::int32_t>(data, row); break;
    case DUCKDB_TYPE_BIGINT: wide = at<std::int64_t>(data, row); break;
    default: wide = at<__int128>(data, row); break;
  }
  duckdb_decimal value{duckdb_decimal_width(type_.get()), duckdb_decimal_scale(type_.get()), {}};
  std::memcpy(&value.value, &wide, sizeof wide);
  return ValueHandle(duckdb_create_decimal(value));
}

ValueHandle Renderer::enumerator(const void* data, idx_t row) const {
  switch (duckdb_enum_internal_type(type_.get())) {
    case DUCKDB_TYPE_UTINYINT:
      return ValueHandle(duckdb_create_enum_value(type_.get(), at<std::uint8_t>(data, row)));
    case DUCKDB_TYPE_USMALLINT:
      return ValueHandle(duckdb_create_enum_value(type_.get(), at<std::uint16_t>(data, row)));
    default:
      return ValueHandle(duckdb_create_enum_value(type_.get(), at<std::uint32_t>(data, row)));
  }
}

ValueHandle Renderer::scalar(const void* data, idx_t row) const {
  switch (id_) {
    case DUCKDB_TYPE_BOOLEAN:
      return ValueHandle(duckdb_create_bool(at<std::uint8_t>(data, row) != 0));
    case DUCKDB_TYPE_TINYINT: return ValueHandle(duckdb_create_int8(at<std::int8_t>(data, row)));
    case DUCKDB_TYPE_SMALLINT: return ValueHandle(duckdb_create_int16(at<std::int16_t>(data, row)));
    case DUCKDB_TYPE_INTEGER: return ValueHandle(duckdb_create_int32(at<std::int32_t>(data, row)));
    case DUCKDB_TYPE_BIGINT: return ValueHandle(duckdb_create_int64(at<std::int64_t>(data, row)));
    case DUCKDB_TYPE_UTINYINT: return ValueHandle(duckdb_create_uint8(at<std::uint8_t>(data, row)));
    case DUCKDB_TYPE_USMALLINT:
      return ValueHandle(duckdb_create_uint16(at<std::uint16_t>(data, row)));
    case DUCKDB_TYPE_UINTEGER:
      return ValueHandle(duckdb_create_uint32(at<std::uint32_t>(data, row)));
    case DUCKDB_TYPE_UBIGINT:
      return ValueHandle(duckdb_create_uint64(at<std::uint64_t>(data, row)));
    case DUCKDB_TYPE_HUGEINT:
      return ValueHandle(duckdb_create_hugeint(at<duckdb_hugeint>(data, row)));
    case DUCKDB_TYPE_UHUGEINT:
      return ValueHandle(duckdb_create_uhugeint(at<duckdb_uhugeint>(data, row)));
    case DUCKDB_TYPE_FLOAT: return ValueHandle(duckdb_create_float(at<float>(data, row)));
    case DUCKDB_TYPE_DOUBLE: return ValueHandle(duckdb_create_double(at<double>(data, row)));
    case DUCKDB_TYPE_DECIMAL: return decimal(data, row);
    case DUCKDB_TYPE_ENUM: return enumerator(data, row);
    case DUCKDB_TYPE_DATE: return ValueHandle(duckdb_create_date(at<duckdb_date>(data, row)));
    case DUCKDB_TYPE_TIME: return ValueHandle(duckdb_create_time(at<duckdb_time>(data, row)));
    case DUCKDB_TYPE_TIME_NS:
      return ValueHandle(duckdb_create_time_ns(at<duckdb_time_ns>(data, row)));
    case DUCKDB_TYPE_TIME_TZ:
      return ValueHandle(duckdb_create_time_tz_value(at<duckdb_time_tz>(data, row)));
    case DUCKDB_TYPE_TIMESTAMP:
      return ValueHandle(duckdb_create_timestamp(at<duckdb_timestamp>(data, row)));
    case DUCKDB_TYPE_TIMESTAMP_S:
      return ValueHandle(duckdb_create_timestamp_s(at<duckdb_timestamp_s>(data, row)));
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return ValueHandle(duckdb_create_timestamp_ms(at<duckdb_timestamp_ms>(data, row)));
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return ValueHandle(duckdb_create_timestamp_ns(at<duckdb_timestamp_ns>(data, row)));
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return ValueHandle(duckdb_create_timestamp_tz(at<duckdb_timestamp>(data, row)));
    case DUCKDB_TYPE_INTERVAL:
      return ValueHandle(duckdb_create_interval(at<duckdb_interval>(data, row)));
    case DUCKDB_TYPE_UUID: return ValueHandle(duckdb_create_uuid(uuid_at(data, row)));
    case DUCKDB_TYPE_BIT: return ValueHandle(bit_value(string_at(data, row)));
    case DUCKDB_TYPE_BIGNUM: return ValueHandle(bignum_value(string_at(data, row)));
    case DUCKDB_TYPE_VARCHAR: {
      const auto text = string_at(data, row);
      return ValueHandle(duckdb_create_varchar_length(text.data(), text.size()));
    }
    case DUCKDB_TYPE_BLOB: {
      const auto bytes = string_at(data, row);
      return ValueHandle(
          duckdb_create_blob(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    }
    default: return ValueHandle(duckdb_create_null_value());
  }
}

}  // namespace quern::duckdb
