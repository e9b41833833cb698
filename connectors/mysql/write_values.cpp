// Numbers in the shortest text that reads back equal: the server reads them exactly.

#include "connectors/mysql/write_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/calendar.h"
#include "base/format.h"

namespace quern::mysql {
namespace {

bool write_boolean(const Column& column, std::int64_t row, std::string& out) {
  out += column.boolean(row) ? '1' : '0';
  return true;
}

template <typename T>
bool write_number(const Column& column, std::int64_t row, std::string& out) {
  const auto value = column.as<T>()[static_cast<std::size_t>(row)];
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) return false;
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
  return true;
}

bool write_shown(const Column& column, std::int64_t row, std::string& out) {
  out += format_value(column, row);
  return true;
}

/// Without the zone, which is UTC.
bool write_utc(const Column& column, std::int64_t row, std::string& out) {
  out += format_value(column, row);
  if (out.ends_with("+00")) out.resize(out.size() - 3);
  return true;
}

/// A TIME counts hours; a month has no number of them.
bool write_interval(const Column& column, std::int64_t row, std::string& out) {
  const auto& value = column.as<Interval>()[static_cast<std::size_t>(row)];
  constexpr std::int64_t kSecond = 1000000;
  const auto micros = value.days * 86400 * kSecond + value.micros;
  if (value.months != 0) return false;
  const auto whole = std::abs(micros) / kSecond;
  std::array<char, 40> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%s%lld:%02d:%02d.%06d", micros < 0 ? "-" : "",
                    static_cast<long long>(whole / 3600), static_cast<int>(whole / 60 % 60),
                    static_cast<int>(whole % 60), static_cast<int>(std::abs(micros) % kSecond));
  out.append(text.data(), static_cast<std::size_t>(size));
  return true;
}

void append_hex(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
}

bool write_hex(const Column& column, std::int64_t row, std::string& out) {
  append_hex(column.text(row), out);
  return true;
}

bool write_field(const Column& column, std::int64_t row, std::string& out) {
  auto text = column.text(row);
  constexpr std::string_view kSpecial("\t\n\\\0", 4);
  for (auto at = text.find_first_of(kSpecial); at != std::string_view::npos;
       at = text.find_first_of(kSpecial)) {
    out += text.substr(0, at);
    out += '\\';
    const char c = text[at];
    out += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\0' ? '0' : c;
    text.remove_prefix(at + 1);
  }
  out += text;
  return true;
}

bool quote(std::string_view text, std::string& out) {
  out += '\'';
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    if (c == '\0') {
      out += "\\0";
    } else {
      out += c;
    }
  }
  out += '\'';
  return true;
}

bool write_quoted(const Column& column, std::int64_t row, std::string& out) {
  return quote(column.text(row), out);
}

bool write_bytes(const Column& column, std::int64_t row, std::string& out) {
  out += "x'";
  append_hex(column.text(row), out);
  out += '\'';
  return true;
}

template <WriteValue kWrite>
bool in_quotes(const Column& column, std::int64_t row, std::string& out) {
  out += '\'';
  if (!kWrite(column, row, out)) return false;
  out += '\'';
  return true;
}

/// Null where the two forms differ.
WriteValue find_number_writer(TypeKind kind) {
  using enum TypeKind;
  switch (kind) {
    case boolean: return write_boolean;
    case int8: return write_number<std::int8_t>;
    case int16: return write_number<std::int16_t>;
    case int32: return write_number<std::int32_t>;
    case int64: return write_number<std::int64_t>;
    case uint8: return write_number<std::uint8_t>;
    case uint16: return write_number<std::uint16_t>;
    case uint32: return write_number<std::uint32_t>;
    case uint64: return write_number<std::uint64_t>;
    case float32: return write_number<float>;
    case float64: return write_number<double>;
    case decimal: return write_shown;
    default: return nullptr;
  }
}

}  // namespace

WriteValue find_field_writer(TypeKind kind) {
  if (const auto number = find_number_writer(kind)) return number;
  if (kind == TypeKind::blob) return write_hex;
  if (kind == TypeKind::timestamp_tz) return write_utc;
  if (kind == TypeKind::interval) return write_interval;
  return is_bytes(kind) ? write_field : write_shown;
}

WriteValue find_literal_writer(TypeKind kind) {
  if (const auto number = find_number_writer(kind)) return number;
  if (kind == TypeKind::blob) return write_bytes;
  if (kind == TypeKind::timestamp_tz) return in_quotes<write_utc>;
  if (kind == TypeKind::interval) return in_quotes<write_interval>;
  return is_bytes(kind) ? write_quoted : in_quotes<write_shown>;
}

}  // namespace quern::mysql
