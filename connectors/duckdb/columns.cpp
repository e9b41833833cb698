// The conversions, kind by kind. Validity masks agree bit for bit: DuckDB's 64-bit words, least
// significant bit first, are Arrow's bitmap on a little-endian machine.

#include "connectors/duckdb/columns.h"

#include <bit>
#include <climits>
#include <cstring>

#include "base/column_builder.h"
#include "connectors/duckdb/types.h"

namespace quern::duckdb {
namespace {

static_assert(std::endian::native == std::endian::little);

duckdb_type physical_of(duckdb_logical_type type) {
  const auto id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_DECIMAL) return duckdb_decimal_internal_type(type);
  if (id == DUCKDB_TYPE_ENUM) return duckdb_enum_internal_type(type);
  return id;
}

std::vector<std::string> dictionary_of(duckdb_logical_type type) {
  std::vector<std::string> words;
  if (duckdb_get_type_id(type) != DUCKDB_TYPE_ENUM) return words;
  for (idx_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
    words.emplace_back(TextHandle(duckdb_enum_dictionary_value(type, i)).get());
  }
  return words;
}

std::int64_t count_nulls(const std::uint64_t* mask, idx_t rows) {
  std::int64_t valid = 0;
  for (idx_t i = 0; i < rows / 64; ++i) valid += std::popcount(mask[i]);
  if (rows % 64 != 0) valid += std::popcount(mask[rows / 64] & ((1ULL << (rows % 64)) - 1));
  return static_cast<std::int64_t>(rows) - valid;
}

void set_validity(Column& column, duckdb_vector vector, const std::shared_ptr<const void>& owner) {
  const auto* mask = duckdb_vector_get_validity(vector);
  if (mask == nullptr) return;
  const auto rows = static_cast<idx_t>(column.length);
  column.null_count = count_nulls(mask, rows);
  if (column.null_count > 0) column.validity = Buffer(owner, mask, (rows + 7) / 8);
}

/// Borrows fixed-width values; copies them where a scan handed out storage that is not aligned for
/// the type.
Buffer fixed_width(const void* data, std::size_t bytes, std::size_t alignment,
                   const std::shared_ptr<const void>& owner) {
  if (reinterpret_cast<std::uintptr_t>(data) % alignment == 0) return {owner, data, bytes};
  std::vector<__int128> copy((bytes + sizeof(__int128) - 1) / sizeof(__int128));
  std::memcpy(copy.data(), data, bytes);
  return Buffer::own(std::move(copy));
}

Buffer pack_bits(const std::uint8_t* bytes, idx_t rows) {
  std::vector<std::uint8_t> bits((rows + 7) / 8);
  for (idx_t i = 0; i < rows; ++i) {
    bits[i >> 3] = static_cast<std::uint8_t>(bits[i >> 3] | ((bytes[i] != 0 ? 1U : 0U) << (i & 7)));
  }
  return Buffer::own(std::move(bits));
}

template <typename T>
Buffer widened(const void* data, std::int64_t rows) {
  const auto* narrow = static_cast<const T*>(data);
  return Buffer::own(std::vector<__int128>(narrow, narrow + rows));
}

/// Microseconds of a coarser unit; false where they do not fit. Infinities stay what they are.
bool to_micros(std::int64_t value, std::int64_t times, std::int64_t& out) {
  if (value == INT64_MAX || value == -INT64_MAX) {
    out = value;
    return true;
  }
  return !__builtin_mul_overflow(value, times, &out);
}

/// Where each row's elements lie in the child vector. A NULL list may hold any numbers: it has
/// none.
std::vector<duckdb_list_entry> entries_of(const Column& column, duckdb_vector vector,
                                          std::int32_t size) {
  std::vector<duckdb_list_entry> out(static_cast<std::size_t>(column.length));
  const auto* lists = static_cast<const duckdb_list_entry*>(duckdb_vector_get_data(vector));
  for (std::size_t row = 0; row < out.size(); ++row) {
    if (column.is_null(static_cast<std::int64_t>(row))) continue;
    const auto width = static_cast<std::uint64_t>(size);
    out[row] = size > 0 ? duckdb_list_entry{row * width, width} : lists[row];
  }
  return out;
}

/// The elements of all rows, one list behind the other. DuckDB may have them in any order, with
/// gaps or shared; they are copied unless they already lie so.
Column gathered(Column elements, const std::vector<duckdb_list_entry>& entries) {
  std::uint64_t end = 0;
  bool in_order = true;
  for (const auto& entry : entries) {
    if (entry.length == 0) continue;
    in_order = in_order && entry.offset == end;
    end += entry.length;
  }
  if (in_order) return elements;
  ColumnBuilder out(elements.type);
  for (const auto& entry : entries) {
    for (auto i = entry.offset; i < entry.offset + entry.length; ++i)
      out.append_from(elements, static_cast<std::int64_t>(i));
  }
  return out.finish();
}

}  // namespace

ColumnReader::ColumnReader(duckdb_logical_type type)
    : type_(column_type(type)),
      id_(duckdb_get_type_id(type)),
      physical_(physical_of(type)),
      words_(dictionary_of(type)) {
  const bool own = id_ == DUCKDB_TYPE_VARCHAR || id_ == DUCKDB_TYPE_ENUM || id_ == DUCKDB_TYPE_BLOB;
  if (is_bytes(type_.kind) && !own) renderer_.emplace(type);
  if (type_.kind == TypeKind::list)
    elements_ = std::make_unique<ColumnReader>(child_type(type).get());
}

Result<Column> ColumnReader::read(duckdb_vector vector, idx_t rows,
                                  const std::shared_ptr<const void>& owner) const {
  Column column{.type = type_, .length = static_cast<std::int64_t>(rows)};
  set_validity(column, vector, owner);
  QUERN_CHECK(read_values(column, vector, rows, owner));
  return column;
}

Result<void> ColumnReader::read_values(Column& column, duckdb_vector vector, idx_t rows,
                                       const std::shared_ptr<const void>& owner) const {
  const void* data = duckdb_vector_get_data(vector);
  switch (type_.kind) {
    case TypeKind::boolean:
      column.values = pack_bits(static_cast<const std::uint8_t*>(data), rows);
      return {};
    case TypeKind::text:
    case TypeKind::big_number:
    case TypeKind::blob:
    case TypeKind::other: return read_text(column, vector);
    case TypeKind::list: return read_list(column, vector, owner);
    case TypeKind::timestamp:
      if (id_ != DUCKDB_TYPE_TIMESTAMP) return read_timestamps(column, data);
      break;
    case TypeKind::decimal:
      if (physical_ != DUCKDB_TYPE_HUGEINT) {
        read_decimals(column, data);
        return {};
      }
      break;
    default: break;
  }
  const auto width = value_width(type_.kind);
  const auto alignment = type_.kind == TypeKind::interval ? alignof(Interval) : width;
  column.values = fixed_width(data, rows * width, alignment, owner);
  return {};
}

void ColumnReader::read_decimals(Column& column, const void* data) const {
  switch (physical_) {
    case DUCKDB_TYPE_SMALLINT: column.values = widened<std::int16_t>(data, column.length); return;
    case DUCKDB_TYPE_INTEGER: column.values = widened<std::int32_t>(data, column.length); return;
    default: column.values = widened<std::int64_t>(data, column.length); return;
  }
}

Result<void> ColumnReader::read_timestamps(Column& column, const void* data) const {
  const std::int64_t times = id_ == DUCKDB_TYPE_TIMESTAMP_S ? 1000000 : 1000;
  const auto* values = static_cast<const std::int64_t*>(data);
  std::vector<std::int64_t> micros(static_cast<std::size_t>(column.length));
  for (std::int64_t row = 0; row < column.length; ++row) {
    const auto fits =
        column.is_null(row) || to_micros(values[row], times, micros[static_cast<std::size_t>(row)]);
    if (!fits)
      return Diagnostic{Code::database_error,
                        "duckdb: a " + type_.sql_name + " is beyond the range of TIMESTAMP"};
  }
  column.values = Buffer::own(std::move(micros));
  return {};
}

Result<void> ColumnReader::read_list(Column& column, duckdb_vector vector,
                                     const std::shared_ptr<const void>& owner) const {
  const bool array = type_.size > 0;
  const auto count = array ? static_cast<idx_t>(column.length) * static_cast<idx_t>(type_.size)
                           : duckdb_list_vector_get_size(vector);
  auto* child =
      array ? duckdb_array_vector_get_child(vector) : duckdb_list_vector_get_child(vector);
  const auto entries = entries_of(column, vector, type_.size);
  QUERN_TRY(auto elements, elements_->read(child, count, owner));
  std::vector<std::int32_t> offsets{0};
  std::uint64_t end = 0;
  for (const auto& entry : entries) {
    end += entry.length;
    if (end > INT_MAX)
      return Diagnostic{Code::database_error,
                        "duckdb: 2048 rows of a column exceed 2,147,483,647 elements"};
    offsets.push_back(static_cast<std::int32_t>(end));
  }
  column.elements = std::make_shared<const Column>(gathered(std::move(elements), entries));
  column.offsets = Buffer::own(std::move(offsets));
  return {};
}

/// The dictionary's word for an enum's value.
std::string_view ColumnReader::word(const void* data, idx_t row) const {
  switch (physical_) {
    case DUCKDB_TYPE_UTINYINT: return words_[static_cast<const std::uint8_t*>(data)[row]];
    case DUCKDB_TYPE_USMALLINT: return words_[static_cast<const std::uint16_t*>(data)[row]];
    default: return words_[static_cast<const std::uint32_t*>(data)[row]];
  }
}

Result<void> ColumnReader::read_text(Column& column, duckdb_vector vector) const {
  if (renderer_ && !renderer_->possible()) {
    return Diagnostic{Code::database_error,
                      "duckdb: a column's type cannot be fetched: " + type_.sql_name,
                      SourceSpan::none(), "cast the column to VARCHAR"};
  }
  const void* data = duckdb_vector_get_data(vector);
  std::vector<std::int32_t> offsets{0};
  offsets.reserve(static_cast<std::size_t>(column.length) + 1);
  std::vector<char> bytes;
  for (std::int64_t row = 0; row < column.length; ++row) {
    const auto at = static_cast<idx_t>(row);
    if (!column.is_null(row)) {
      const auto rendered = renderer_ ? renderer_->text(vector, at) : std::string();
      const auto text = renderer_        ? std::string_view(rendered)
                        : words_.empty() ? string_at(data, at)
                                         : word(data, at);
      bytes.insert(bytes.end(), text.begin(), text.end());
    }
    if (bytes.size() > INT_MAX)
      return Diagnostic{Code::database_error, "duckdb: 2048 rows of a column exceed 2 GiB"};
    offsets.push_back(static_cast<std::int32_t>(bytes.size()));
  }
  column.values = Buffer::own(std::move(bytes));
  column.offsets = Buffer::own(std::move(offsets));
  return {};
}

}  // namespace quern::duckdb
