// Values as text.

#include "base/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

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

std::string format_date(std::int64_t days) {
  // DuckDB and PostgreSQL keep +-infinity at the ends of the range.
  if (days >= INT32_MAX) return "infinity";
  if (days <= -INT32_MAX) return "-infinity";
  using namespace std::chrono;
  // std::chrono's year is 16 bits wide; 400 Gregorian years are 146,097 days.
  const auto eras = (days >= 0 ? days : days - 146096) / 146097;
  const year_month_day ymd{sys_days{std::chrono::days{days - eras * 146097}}};
  auto year = static_cast<std::int64_t>(static_cast<int>(ymd.year())) + eras * 400;
  const bool bc = year <= 0;
  if (bc) year = 1 - year;
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04lld-%02u-%02u%s", static_cast<long long>(year),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                bc ? " (BC)" : "");
  return buffer.data();
}

std::string format_time(std::int64_t micros) {
  const auto seconds = micros / 1000000;
  const auto fraction = micros % 1000000;
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02lld:%02lld:%02lld",
                static_cast<long long>(seconds / 3600), static_cast<long long>(seconds / 60 % 60),
                static_cast<long long>(seconds % 60));
  std::string out = buffer.data();
  if (fraction == 0) return out;
  std::snprintf(buffer.data(), buffer.size(), ".%06lld", static_cast<long long>(fraction));
  out += buffer.data();
  out.erase(out.find_last_not_of('0') + 1);
  return out;
}

std::string format_timestamp(std::int64_t micros) {
  constexpr std::int64_t kDay = 86400LL * 1000000;
  if (micros == INT64_MAX) return "infinity";
  if (micros == -INT64_MAX) return "-infinity";
  auto day = micros / kDay;
  if (micros % kDay < 0) --day;
  return format_date(day) + " " + format_time(micros - day * kDay);
}

std::string format_timestamp_tz(std::int64_t micros) {
  const bool finite = micros != INT64_MAX && micros != -INT64_MAX;
  return format_timestamp(micros) + (finite ? "+00" : "");
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
    case TypeKind::time: return format_time(column.as<std::int64_t>()[at]);
    case TypeKind::timestamp: return format_timestamp(column.as<std::int64_t>()[at]);
    case TypeKind::timestamp_tz: return format_timestamp_tz(column.as<std::int64_t>()[at]);
    case TypeKind::blob: return format_blob(column.text(row));
    case TypeKind::text:
    case TypeKind::other: return std::string(column.text(row));
  }
  return "";
}

}  // namespace quern
