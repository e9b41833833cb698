// Values as text.

#include "base/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/calendar.h"

namespace quern {
namespace {

template <typename T>
std::string shortest(T value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string out(buffer.data(), end);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string format_decimal(__int128 value, int scale) {
  const bool negative = value < 0;
  auto rest =
      negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  while (rest != 0 || digits.size() <= static_cast<std::size_t>(scale)) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  return digits;
}

void put_two_digits(char* at, std::int64_t value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

/// Of the years 1 to 9999. printf would take as long as the rest of a row.
std::string four_digit_date(const CivilDate& date) {
  std::string out = "0000-00-00";
  put_two_digits(&out[0], date.year / 100);
  put_two_digits(&out[2], date.year % 100);
  put_two_digits(&out[5], date.month);
  put_two_digits(&out[8], date.day);
  return out;
}

std::string format_date(std::int64_t days) {
  // DuckDB and PostgreSQL keep +-infinity at the ends of the range.
  if (days >= INT32_MAX) return "infinity";
  if (days <= -INT32_MAX) return "-infinity";
  const auto date = civil_date(days);
  if (date.year >= 1 && date.year <= 9999) return four_digit_date(date);
  const bool bc = date.year <= 0;
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04lld-%02d-%02d%s",
                static_cast<long long>(bc ? 1 - date.year : date.year), date.month, date.day,
                bc ? " (BC)" : "");
  return buffer.data();
}

/// \param digits  of the fraction that `units` counts: 6 for microseconds, 9 for nanoseconds.
std::string format_clock(std::uint64_t units, int digits) {
  const std::uint64_t second = digits == 6 ? 1000000 : 1000000000;
  const auto seconds = units / second;
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02llu:%02llu:%02llu.%0*llu",
                static_cast<unsigned long long>(seconds / 3600),
                static_cast<unsigned long long>(seconds / 60 % 60),
                static_cast<unsigned long long>(seconds % 60), digits,
                static_cast<unsigned long long>(units % second));
  std::string out = buffer.data();
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

std::string format_timestamp(std::int64_t units, int digits) {
  const std::int64_t day = 86400LL * (digits == 6 ? 1000000 : 1000000000);
  if (units == INT64_MAX) return "infinity";
  if (units == -INT64_MAX) return "-infinity";
  return format_date(floor_div(units, day)) + " " +
         format_clock(static_cast<std::uint64_t>(floor_rest(units, day)), digits);
}

std::string format_timestamp_tz(std::int64_t micros) {
  const bool finite = micros != INT64_MAX && micros != -INT64_MAX;
  return format_timestamp(micros, 6) + (finite ? "+00" : "");
}

void add_count(std::string& out, std::int64_t count, const char* unit) {
  if (count == 0) return;
  out += (out.empty() ? "" : " ") + std::to_string(count) + " " + unit +
         (count == 1 || count == -1 ? "" : "s");
}

/// As DuckDB writes it: 1 year 2 months 3 days 04:05:06.7.
std::string format_interval(const Interval& value) {
  std::string out;
  add_count(out, value.months / 12, "year");
  add_count(out, value.months % 12, "month");
  add_count(out, value.days, "day");
  if (value.micros == 0) return out.empty() ? "00:00:00" : out;
  const bool negative = value.micros < 0;
  const auto size = static_cast<std::uint64_t>(value.micros);
  return out + (out.empty() ? "" : " ") + (negative ? "-" : "") +
         format_clock(negative ? -size : size, 6);
}

std::string format_list(const Column& column, std::int64_t row) {
  std::string out = "[";
  for (auto i = column.offset(row); i < column.offset(row + 1); ++i)
    out += (out.size() > 1 ? ", " : "") + format_value(*column.elements, i);
  return out + "]";
}

std::string format_blob(std::string_view bytes) {
  std::string out;
  std::array<char, 8> buffer{};
  for (const char c : bytes) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      out += c;
      continue;
    }
    std::snprintf(buffer.data(), buffer.size(), "\\x%02X", static_cast<unsigned char>(c));
    out += buffer.data();
  }
  return out;
}

}  // namespace

std::string format_double(double value) { return shortest(value); }

std::string format_float(float value) { return shortest(value); }

std::string counted(std::int64_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string format_value(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return "NULL";
  const auto at = static_cast<std::size_t>(row);
  switch (column.type.kind) {
    case TypeKind::boolean: return column.boolean(row) ? "true" : "false";
    case TypeKind::int8: return std::to_string(column.as<std::int8_t>()[at]);
    case TypeKind::int16: return std::to_string(column.as<std::int16_t>()[at]);
    case TypeKind::int32: return std::to_string(column.as<std::int32_t>()[at]);
    case TypeKind::int64: return std::to_string(column.as<std::int64_t>()[at]);
    case TypeKind::uint8: return std::to_string(column.as<std::uint8_t>()[at]);
    case TypeKind::uint16: return std::to_string(column.as<std::uint16_t>()[at]);
    case TypeKind::uint32: return std::to_string(column.as<std::uint32_t>()[at]);
    case TypeKind::uint64: return std::to_string(column.as<std::uint64_t>()[at]);
    case TypeKind::float32: return shortest(column.as<float>()[at]);
    case TypeKind::float64: return shortest(column.as<double>()[at]);
    case TypeKind::decimal: return format_decimal(column.as<__int128>()[at], column.type.scale);
    case TypeKind::date: return format_date(column.as<std::int32_t>()[at]);
    case TypeKind::time:
      return format_clock(static_cast<std::uint64_t>(column.as<std::int64_t>()[at]), 6);
    case TypeKind::timestamp: return format_timestamp(column.as<std::int64_t>()[at], 6);
    case TypeKind::timestamp_ns: return format_timestamp(column.as<std::int64_t>()[at], 9);
    case TypeKind::timestamp_tz: return format_timestamp_tz(column.as<std::int64_t>()[at]);
    case TypeKind::interval: return format_interval(column.as<Interval>()[at]);
    case TypeKind::list: return format_list(column, row);
    case TypeKind::blob: return format_blob(column.text(row));
    case TypeKind::big_number:
    case TypeKind::text:
    case TypeKind::other: return std::string(column.text(row));
  }
  return "";
}

}  // namespace quern
