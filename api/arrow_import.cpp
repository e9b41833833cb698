// Arrow arrays of another program's as columns: borrowed where the layouts agree, else converted.
// Nothing of what comes in is trusted further than its own lengths: an array that lacks a buffer
// its type needs, or whose offsets go backwards, is refused.

#include <array>
#include <charconv>
#include <climits>
#include <cstring>
#include <new>
#include <optional>

#include "api/arrow.hpp"
#include "base/column_builder.h"

namespace quern {
namespace {

Diagnostic contradiction(const std::string& name, const std::string& what) {
  return {Code::bad_model_call, "Arrow array of column " + name + ": " + what};
}

/// One array on its way in.
struct Incoming {
  const ArrowSchema& schema;
  const ArrowArray& array;
  std::string name;

  std::string_view format() const { return schema.format; }
  std::int64_t length() const { return array.length; }
  std::size_t rows() const { return static_cast<std::size_t>(array.length); }
  const void* buffer(std::int64_t i) const {
    return i < array.n_buffers ? array.buffers[i] : nullptr;
  }
  /// The values of fixed width, from the first row of the slice.
  template <typename T>
  const T* values() const {
    return static_cast<const T*>(buffer(1)) + array.offset;
  }
};

bool bit(const void* bits, std::int64_t i) {
  return ((static_cast<const std::uint8_t*>(bits)[i >> 3] >> (i & 7)) & 1) != 0;
}

/// Bits from the middle of a byte on are moved to its beginning.
Buffer bits_of(const void* bits, std::int64_t offset, std::int64_t length) {
  const auto bytes = static_cast<std::size_t>((length + 7) / 8);
  if (offset % 8 == 0) return {nullptr, static_cast<const std::uint8_t*>(bits) + offset / 8, bytes};
  std::vector<std::uint8_t> out(bytes);
  for (std::int64_t i = 0; i < length; ++i) {
    auto& byte = out[static_cast<std::size_t>(i >> 3)];
    if (bit(bits, offset + i)) byte = static_cast<std::uint8_t>(byte | (1U << (i & 7)));
  }
  return Buffer::own(std::move(out));
}

void set_validity(const Incoming& in, Column& column) {
  const auto* bits = in.buffer(0);
  if (bits == nullptr || in.array.null_count == 0) return;
  std::int64_t nulls = 0;
  for (std::int64_t i = 0; i < in.length(); ++i) nulls += bit(bits, in.array.offset + i) ? 0 : 1;
  column.null_count = nulls;
  if (nulls > 0) column.validity = bits_of(bits, in.array.offset, in.length());
}

Column begin(const Incoming& in, ColumnType type) {
  Column column{.type = std::move(type), .length = in.length()};
  set_validity(in, column);
  return column;
}

Column fixed(const Incoming& in, ColumnType type) {
  auto column = begin(in, std::move(type));
  const auto width = value_width(column.type.kind);
  const auto* values = static_cast<const std::byte*>(in.buffer(1)) +
                       static_cast<std::size_t>(in.array.offset) * width;
  column.values = Buffer(nullptr, values, in.rows() * width);
  if (reinterpret_cast<std::uintptr_t>(values) % width == 0) return column;
  std::vector<std::uint64_t> aligned(in.rows() * width / sizeof(std::uint64_t) + 1);
  std::memcpy(aligned.data(), values, in.rows() * width);
  column.values = Buffer::own(std::move(aligned));
  return column;
}

/// Values of another width or unit. Where a value has no place in the new one it is NULL's: the
/// caller has looked at that before.
template <typename From, typename To, typename F>
Column converted(const Incoming& in, TypeKind kind, F convert) {
  auto column = begin(in, {.kind = kind});
  const auto* values = in.values<From>();
  std::vector<To> out(in.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!column.is_null(static_cast<std::int64_t>(i))) out[i] = convert(values[i]);
  }
  column.values = Buffer::own(std::move(out));
  return column;
}

Column booleans(const Incoming& in) {
  auto column = begin(in, {.kind = TypeKind::boolean});
  column.values = bits_of(in.buffer(1), in.array.offset, in.length());
  return column;
}

/// 16 bits: one of sign, five of exponent, ten of fraction. Rule: IEEE 754-2008, binary16.
float half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  float value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? __builtin_inff() : __builtin_nanf("");
  } else {
    value = __builtin_ldexpf(static_cast<float>(exponent == 0 ? fraction : fraction + 1024),
                             (exponent == 0 ? 1 : exponent) - 25);
  }
  return (bits >> 15) != 0 ? -value : value;
}

/// Offsets from the slice's first row on, from 0 where they begin later. Errors: bad_model_call.
template <typename T>
Result<Buffer> offsets_of(const Incoming& in, std::int64_t& first, std::int64_t& last) {
  static constexpr std::int32_t kNone = 0;
  const auto* offsets = static_cast<const T*>(in.buffer(1));
  if (offsets == nullptr && in.length() > 0) return contradiction(in.name, "it has no offsets");
  if (offsets == nullptr || in.length() == 0) return Buffer(nullptr, &kNone, sizeof kNone);
  offsets += in.array.offset;
  first = offsets[0];
  last = offsets[in.length()];
  for (std::int64_t i = 0; i < in.length(); ++i) {
    if (offsets[i] > offsets[i + 1] || offsets[i] < 0)
      return contradiction(in.name, "its offsets go backwards");
  }
  if (last - first > INT_MAX) return contradiction(in.name, "it has more than 2,147,483,647 bytes");
  if (sizeof(T) == sizeof(std::int32_t) && first == 0)
    return Buffer(nullptr, offsets, (in.rows() + 1) * sizeof(T));
  std::vector<std::int32_t> out(in.rows() + 1);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::int32_t>(offsets[i] - first);
  return Buffer::own(std::move(out));
}

template <typename T>
Result<Column> texts(const Incoming& in, TypeKind kind) {
  auto column = begin(in, {.kind = kind});
  std::int64_t first = 0;
  std::int64_t last = 0;
  QUERN_TRY(column.offsets, offsets_of<T>(in, first, last));
  if (last > first && in.buffer(2) == nullptr) return contradiction(in.name, "it has no bytes");
  column.values =
      Buffer(nullptr, last > first ? static_cast<const char*>(in.buffer(2)) + first : "",
             static_cast<std::size_t>(last - first));
  return column;
}

Result<Column> import_column(const Incoming& in);

/// The elements from `first` on, as an array of their own.
Result<Column> elements_of(const Incoming& in, std::int64_t first, std::int64_t count) {
  if (in.schema.n_children != 1 || in.array.n_children != 1)
    return contradiction(in.name, "a list has one child");
  auto child = *in.array.children[0];
  if (first + count > child.length) return contradiction(in.name, "its offsets leave its elements");
  child.offset += first;
  child.length = count;
  if (child.null_count > 0) child.null_count = -1;
  return import_column({*in.schema.children[0], child, in.name});
}

Result<Column> list_column(Column column, Result<Column> elements) {
  QUERN_TRY(auto held, std::move(elements));
  if (!is_number(held.type.kind) && held.type.kind != TypeKind::boolean)
    return Diagnostic{Code::column_type, "lists of " + std::string(kind_name(held.type.kind)) +
                                             " cannot be scored, of numbers they can"};
  column.type.element = std::make_shared<const ColumnType>(held.type);
  column.elements = std::make_shared<const Column>(std::move(held));
  return column;
}

template <typename T>
Result<Column> lists(const Incoming& in) {
  auto column = begin(in, {.kind = TypeKind::list});
  std::int64_t first = 0;
  std::int64_t last = 0;
  QUERN_TRY(column.offsets, offsets_of<T>(in, first, last));
  return list_column(std::move(column), elements_of(in, first, last - first));
}

Result<Column> fixed_lists(const Incoming& in, std::int64_t size) {
  if (size > INT_MAX || in.array.offset > INT_MAX || in.length() > INT_MAX / size)
    return contradiction(in.name, "it has more than 2,147,483,647 elements");
  auto column = begin(in, {.kind = TypeKind::list, .size = static_cast<std::int32_t>(size)});
  std::vector<std::int32_t> offsets(in.rows() + 1);
  for (std::size_t i = 0; i < offsets.size(); ++i)
    offsets[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * size);
  column.offsets = Buffer::own(std::move(offsets));
  return list_column(std::move(column),
                     elements_of(in, in.array.offset * size, in.length() * size));
}

std::optional<std::int64_t> index_at(const Incoming& in, std::int64_t row) {
  const auto at = in.array.offset + row;
  const auto* data = in.buffer(1);
  switch (in.format()[0]) {
    case 'c': return static_cast<const std::int8_t*>(data)[at];
    case 'C': return static_cast<const std::uint8_t*>(data)[at];
    case 's': return static_cast<const std::int16_t*>(data)[at];
    case 'S': return static_cast<const std::uint16_t*>(data)[at];
    case 'i': return static_cast<const std::int32_t*>(data)[at];
    case 'I': return static_cast<const std::uint32_t*>(data)[at];
    case 'l':
    case 'L': return static_cast<const std::int64_t*>(data)[at];
    default: return std::nullopt;
  }
}

/// What a dictionary's numbers stand for, row by row.
Result<Column> dictionary(const Incoming& in) {
  if (in.array.dictionary == nullptr || in.format().size() != 1)
    return contradiction(in.name, "its dictionary is missing");
  QUERN_TRY(const auto words,
            import_column({*in.schema.dictionary, *in.array.dictionary, in.name}));
  const auto rows = begin(in, {});
  ColumnBuilder out(words.type);
  for (std::int64_t row = 0; row < in.length(); ++row) {
    if (rows.is_null(row)) {
      out.append_null();
      continue;
    }
    const auto index = index_at(in, row);
    if (!index || *index < 0 || *index >= words.length)
      return contradiction(in.name, "it has a number that its dictionary has not");
    out.append_from(words, *index);
  }
  return out.finish();
}

/// NULL in every row.
Column no_values(const Incoming& in) {
  ColumnBuilder out({.kind = TypeKind::float64});
  for (std::int64_t row = 0; row < in.length(); ++row) out.append_null();
  return out.finish();
}

/// "ts" and a unit, a colon, a zone.
Column timestamps(const Incoming& in) {
  const auto zone = in.format().size() > 4;
  const auto kind = zone ? TypeKind::timestamp_tz : TypeKind::timestamp;
  using Int = std::int64_t;
  const auto times = [&](Int factor) {
    return converted<Int, Int>(in, kind, [=](Int value) {
      Int out = 0;
      if (!__builtin_mul_overflow(value, factor, &out)) return out;
      return value < 0 ? -LONG_MAX : LONG_MAX;
    });
  };
  switch (in.format()[2]) {
    case 's': return times(1000000);
    case 'm': return times(1000);
    case 'n': break;
    default: return fixed(in, {.kind = kind});
  }
  if (!zone) return fixed(in, {.kind = TypeKind::timestamp_ns});
  return converted<Int, Int>(in, kind,
                             [](Int value) { return value / 1000 - (value % 1000 < 0 ? 1 : 0); });
}

Result<Column> times(const Incoming& in) {
  using Int = std::int64_t;
  switch (in.format()[2]) {
    case 's':
      return converted<std::int32_t, Int>(in, TypeKind::time, [](Int v) { return v * 1000000; });
    case 'm':
      return converted<std::int32_t, Int>(in, TypeKind::time, [](Int v) { return v * 1000; });
    case 'u': return fixed(in, {.kind = TypeKind::time});
    default: return converted<Int, Int>(in, TypeKind::time, [](Int v) { return v / 1000; });
  }
}

/// "d:precision,scale", of 128 bits.
std::optional<ColumnType> decimal_type(std::string_view format) {
  int digits = 0;
  int scale = 0;
  const auto* end = format.data() + format.size();
  const auto first = std::from_chars(format.data() + 2, end, digits);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return {};
  const auto second = std::from_chars(first.ptr + 1, end, scale);
  if (second.ec != std::errc() || second.ptr != end || digits > 38 || scale < 0) return {};
  return ColumnType{.kind = TypeKind::decimal,
                    .precision = static_cast<std::uint8_t>(digits),
                    .scale = static_cast<std::uint8_t>(scale)};
}

Diagnostic unsuitable(const Incoming& in) {
  return {Code::column_type, "column " + in.name + " has an Arrow type that no model takes: " +
                                 std::string(in.format())};
}

Result<Column> import_decimals(const Incoming& in) {
  const auto type = decimal_type(in.format());
  if (!type) return unsuitable(in);
  // Arrow asks for 8 bytes of alignment, 128 bits for 16.
  const auto widen = [](const std::array<std::uint64_t, 2>& value) {
    __int128 out = 0;
    std::memcpy(&out, value.data(), sizeof out);
    return out;
  };
  auto column = converted<std::array<std::uint64_t, 2>, __int128>(in, TypeKind::decimal, widen);
  column.type = *type;
  return column;
}

std::optional<TypeKind> simple_kind(char format) {
  switch (format) {
    case 'c': return TypeKind::int8;
    case 'C': return TypeKind::uint8;
    case 's': return TypeKind::int16;
    case 'S': return TypeKind::uint16;
    case 'i': return TypeKind::int32;
    case 'I': return TypeKind::uint32;
    case 'l': return TypeKind::int64;
    case 'L': return TypeKind::uint64;
    case 'f': return TypeKind::float32;
    case 'g': return TypeKind::float64;
    default: return std::nullopt;
  }
}

Result<Column> import_letter(const Incoming& in) {
  switch (in.format()[0]) {
    case 'n': return no_values(in);
    case 'b': return booleans(in);
    case 'e': return converted<std::uint16_t, float>(in, TypeKind::float32, half);
    case 'u': return texts<std::int32_t>(in, TypeKind::text);
    case 'U': return texts<std::int64_t>(in, TypeKind::text);
    case 'z': return texts<std::int32_t>(in, TypeKind::blob);
    case 'Z': return texts<std::int64_t>(in, TypeKind::blob);
    default: break;
  }
  const auto kind = simple_kind(in.format()[0]);
  return kind ? Result<Column>(fixed(in, {.kind = *kind})) : unsuitable(in);
}

Result<Column> import_nested(const Incoming& in) {
  if (in.format() == "+l") return lists<std::int32_t>(in);
  if (in.format() == "+L") return lists<std::int64_t>(in);
  std::int64_t size = 0;
  const auto* end = in.format().data() + in.format().size();
  const bool fixed = in.format().starts_with("+w:") &&
                     std::from_chars(in.format().data() + 3, end, size).ptr == end;
  return fixed && size > 0 ? fixed_lists(in, size) : unsuitable(in);
}

Result<Column> import_time(const Incoming& in) {
  const auto format = in.format();
  if (format == "tdD") return fixed(in, {.kind = TypeKind::date});
  if (format == "tdm")
    return converted<std::int64_t, std::int32_t>(in, TypeKind::date, [](std::int64_t v) {
      return static_cast<std::int32_t>(v / 86400000 - (v % 86400000 < 0 ? 1 : 0));
    });
  if (format.size() >= 4 && format.starts_with("ts") && format[3] == ':') return timestamps(in);
  if (format.size() == 3 && format.starts_with("tt")) return times(in);
  return unsuitable(in);
}

/// An array is looked at only as far as its schema says what to expect.
Result<void> check_buffers(const Incoming& in) {
  const auto format = in.format();
  if (in.array.length < 0 || in.array.offset < 0)
    return contradiction(in.name, "its length is negative");
  const bool none = format == "n" || format.starts_with("+w");
  if (!none && in.array.n_buffers < 2) return contradiction(in.name, "it lacks buffers");
  if (in.array.n_buffers > 0 && in.array.buffers == nullptr)
    return contradiction(in.name, "it lacks buffers");
  if (!none && in.array.length > 0 && in.buffer(1) == nullptr)
    return contradiction(in.name, "it has no values");
  return {};
}

Result<Column> import_column(const Incoming& in) {
  if (in.schema.format == nullptr || in.format().empty())
    return contradiction(in.name, "it has no type");
  QUERN_CHECK(check_buffers(in));
  if (in.schema.dictionary != nullptr) return dictionary(in);
  if (in.format().size() == 1) return import_letter(in);
  switch (in.format()[0]) {
    case '+': return import_nested(in);
    case 't': return import_time(in);
    case 'd': return in.format()[1] == ':' ? import_decimals(in) : unsuitable(in);
    default: return unsuitable(in);
  }
}

/// A struct that is NULL in some rows has no rows there that could be scored.
Result<void> check_struct(const ArrowSchema& schema, const ArrowArray& array) {
  const bool is_struct = schema.format != nullptr && std::string_view(schema.format) == "+s";
  if (!is_struct) return contradiction("rows", "rows in columns are a struct, format +s");
  if (array.length < 0 || array.offset < 0)
    return contradiction("rows", "their number is negative");
  if (schema.n_children != array.n_children)
    return contradiction("rows", "its children are not those of its schema");
  if (array.null_count > 0) return contradiction("rows", "a row is NULL as a whole");
  return {};
}

Result<Imported> import_rows(const ArrowSchema& schema, const ArrowArray& array,
                             const std::function<bool(std::string_view)>& wanted) {
  QUERN_CHECK(check_struct(schema, array));
  Imported out;
  out.batch.rows = array.length;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const auto& field = *schema.children[i];
    auto child = *array.children[i];
    const std::string name = field.name == nullptr ? "" : field.name;
    if (wanted && !wanted(name)) continue;
    if (child.length < array.offset + array.length)
      return contradiction(name, "it has too few rows");
    child.offset += array.offset;
    child.length = array.length;
    if (child.null_count > 0) child.null_count = -1;
    QUERN_TRY(auto column, import_column({field, child, name}));
    out.schema.push_back({name, column.type});
    out.batch.columns.push_back(std::move(column));
  }
  return out;
}

}  // namespace

Result<Imported> import_batch(const ArrowSchema& schema, const ArrowArray& array,
                              const std::function<bool(std::string_view)>& wanted) noexcept {
  try {
    return import_rows(schema, array, wanted);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while reading Arrow arrays"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

}  // namespace quern
