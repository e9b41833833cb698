// The server's binary forms, written. What is not here goes as text.

#include "connectors/postgres/write_values.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <vector>

#include "base/format.h"

namespace quern::postgres {
namespace {

constexpr std::int32_t kEpochDays = 10957;
constexpr std::int64_t kEpochMicros = std::int64_t{kEpochDays} * 86400 * 1000000;

void write_int64(std::int64_t value, std::string& out) {
  const auto swapped = __builtin_bswap64(static_cast<std::uint64_t>(value));
  std::array<char, sizeof swapped> bytes{};
  std::memcpy(bytes.data(), &swapped, sizeof swapped);
  out.append(bytes.data(), bytes.size());
}

/// A sized value of a fixed width.
template <typename T>
void write_sized(T value, std::string& out) {
  write_int32(sizeof(T), out);
  if constexpr (sizeof(T) == 8) write_int64(static_cast<std::int64_t>(value), out);
  if constexpr (sizeof(T) == 4) write_int32(static_cast<std::int32_t>(value), out);
  if constexpr (sizeof(T) == 2) write_int16(static_cast<std::int16_t>(value), out);
}

template <typename From, typename To>
void write_integer(const Column& column, std::int64_t row, std::string& out) {
  write_sized(static_cast<To>(column.as<From>()[static_cast<std::size_t>(row)]), out);
}

template <typename From>
void write_float4(const Column& column, std::int64_t row, std::string& out) {
  const auto value = static_cast<float>(column.as<From>()[static_cast<std::size_t>(row)]);
  write_sized(std::bit_cast<std::int32_t>(value), out);
}

template <typename From>
void write_float8(const Column& column, std::int64_t row, std::string& out) {
  const auto value = static_cast<double>(column.as<From>()[static_cast<std::size_t>(row)]);
  write_sized(std::bit_cast<std::int64_t>(value), out);
}

void write_boolean(const Column& column, std::int64_t row, std::string& out) {
  write_int32(1, out);
  out += column.boolean(row) ? '\1' : '\0';
}

void write_bytes(const Column& column, std::int64_t row, std::string& out) {
  const auto text = column.text(row);
  write_int32(static_cast<std::int32_t>(text.size()), out);
  out.append(text);
}

void write_date(const Column& column, std::int64_t row, std::string& out) {
  constexpr auto kMost = std::numeric_limits<std::int32_t>::max();
  const auto days = column.as<std::int32_t>()[static_cast<std::size_t>(row)];
  const bool least = days == -kMost;
  write_sized(days == kMost ? kMost
              : least       ? std::numeric_limits<std::int32_t>::min()
                            : days - kEpochDays,
              out);
}

void write_timestamp(const Column& column, std::int64_t row, std::string& out) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const auto micros = column.as<std::int64_t>()[static_cast<std::size_t>(row)];
  const bool least = micros == -kMost;
  write_sized(micros == kMost ? kMost
              : least         ? std::numeric_limits<std::int64_t>::min()
                              : micros - kEpochMicros,
              out);
}

void write_interval(const Column& column, std::int64_t row, std::string& out) {
  const auto& value = column.as<Interval>()[static_cast<std::size_t>(row)];
  write_int32(16, out);
  write_int64(value.micros, out);
  write_int32(value.days, out);
  write_int32(value.months, out);
}

/// Groups of four digits as numeric keeps them: `scale` digits stand behind the point.
void write_numeric(__int128 value, int scale, std::string& out) {
  const bool negative = value < 0;
  auto rest =
      negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  // The last group is filled with zeros up to four digits behind the point.
  const int groups_behind = (scale + 3) / 4;
  std::vector<std::int16_t> groups;  // the last one first
  int first = groups_behind * 4 - scale;
  for (; rest != 0; first = 0) {
    constexpr std::array<int, 4> kPowers{1, 10, 100, 1000};
    const int taken = 10000 / kPowers[static_cast<std::size_t>(first)];
    groups.push_back(
        static_cast<std::int16_t>(static_cast<int>(rest % static_cast<unsigned>(taken)) *
                                  kPowers[static_cast<std::size_t>(first)]));
    rest /= static_cast<unsigned>(taken);
  }
  const auto count = static_cast<std::int16_t>(groups.size());
  write_int32(8 + 2 * count, out);
  write_int16(count, out);
  write_int16(static_cast<std::int16_t>(count - groups_behind - 1), out);
  write_int16(negative ? 0x4000 : 0, out);
  write_int16(static_cast<std::int16_t>(scale), out);
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) write_int16(*group, out);
}

void write_decimal(const Column& column, std::int64_t row, std::string& out) {
  write_numeric(column.as<__int128>()[static_cast<std::size_t>(row)], column.type.scale, out);
}

template <typename From>
void write_integer_as_numeric(const Column& column, std::int64_t row, std::string& out) {
  write_numeric(column.as<From>()[static_cast<std::size_t>(row)], 0, out);
}

/// Integers that fit the target whatever their value.
template <typename From>
WriteValue integer_writer(Oid target) {
  constexpr bool kSigned = std::numeric_limits<From>::is_signed;
  constexpr std::size_t kSize = sizeof(From) + (kSigned ? 0 : 1);
  if (target == oid::int2 && kSize <= 2) return write_integer<From, std::int16_t>;
  if (target == oid::int4 && kSize <= 4) return write_integer<From, std::int32_t>;
  if (target == oid::int8 && kSize <= 8) return write_integer<From, std::int64_t>;
  if (target == oid::float8 && kSize <= 5) return write_float8<From>;
  if (target == oid::numeric) return write_integer_as_numeric<From>;
  return nullptr;
}

bool takes_text(const ColumnType& to, Oid target) {
  return to.kind == TypeKind::text && target != oid::uuid && target != oid::character;
}

WriteValue number_writer(TypeKind from, Oid target) {
  switch (from) {
    case TypeKind::int8: return integer_writer<std::int8_t>(target);
    case TypeKind::int16: return integer_writer<std::int16_t>(target);
    case TypeKind::int32: return integer_writer<std::int32_t>(target);
    case TypeKind::int64: return integer_writer<std::int64_t>(target);
    case TypeKind::uint8: return integer_writer<std::uint8_t>(target);
    case TypeKind::uint16: return integer_writer<std::uint16_t>(target);
    case TypeKind::uint32: return integer_writer<std::uint32_t>(target);
    case TypeKind::uint64: return integer_writer<std::uint64_t>(target);
    case TypeKind::float32:
      if (target == oid::float8) return write_float8<float>;
      return target == oid::float4 ? write_float4<float> : nullptr;
    case TypeKind::float64: return target == oid::float8 ? write_float8<double> : nullptr;
    default: return nullptr;
  }
}

/// Text in COPY's text format: a few characters are escaped.
void write_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\\x";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

/// As the server's input functions read it.
std::string text_of(const Column& column, std::int64_t row) {
  const auto kind = column.type.kind;
  if (kind == TypeKind::blob) return hexadecimal(column.text(row));
  if (kind == TypeKind::list) {
    std::string out = "{";
    for (auto i = column.offset(row); i < column.offset(row + 1); ++i) {
      out += (out.size() > 1 ? "," : "") +
             (column.elements->is_null(i) ? "NULL" : text_of(*column.elements, i));
    }
    return out + "}";
  }
  auto text = format_value(column, row);
  // The era stands in brackets with us.
  if (const auto era = text.find(" (BC)"); era != std::string::npos) {
    text.erase(era, 5);
    text += " BC";
  }
  return text;
}

}  // namespace

void write_int16(std::int16_t value, std::string& out) {
  const auto bits = static_cast<std::uint16_t>(value);
  out += static_cast<char>(bits >> 8U);
  out += static_cast<char>(bits & 0xffU);
}

void write_int32(std::int32_t value, std::string& out) {
  const auto swapped = __builtin_bswap32(static_cast<std::uint32_t>(value));
  std::array<char, sizeof swapped> bytes{};
  std::memcpy(bytes.data(), &swapped, sizeof swapped);
  out.append(bytes.data(), bytes.size());
}

WriteValue find_writer(const ColumnType& from, const ColumnType& to, Oid target) {
  switch (from.kind) {
    case TypeKind::boolean: return target == oid::boolean ? write_boolean : nullptr;
    case TypeKind::decimal: return target == oid::numeric ? write_decimal : nullptr;
    case TypeKind::text: return takes_text(to, target) ? write_bytes : nullptr;
    case TypeKind::blob: return target == oid::bytea ? write_bytes : nullptr;
    case TypeKind::date: return target == oid::date ? write_date : nullptr;
    case TypeKind::time:
      return target == oid::time ? write_integer<std::int64_t, std::int64_t> : nullptr;
    case TypeKind::timestamp: return target == oid::timestamp ? write_timestamp : nullptr;
    case TypeKind::timestamp_tz: return target == oid::timestamptz ? write_timestamp : nullptr;
    case TypeKind::interval: return target == oid::interval ? write_interval : nullptr;
    default: return number_writer(from.kind, target);
  }
}

void write_text_field(const Column& column, std::int64_t row, std::string& out) {
  if (column.is_null(row)) {
    out += "\\N";
  } else {
    write_escaped(text_of(column, row), out);
  }
}

}  // namespace quern::postgres
