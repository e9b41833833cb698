// The rules of types.h, value by value.

#include "connectors/sqlite/cells.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "connectors/sqlite/iso_time.h"

namespace quern::sqlite {
namespace {

constexpr std::size_t kFirstRoom = 512;

/// Length of the UTF-8 sequence at the beginning of `text`; 0 where there is none.
/// Rule: RFC 3629, 4: no overlong forms, no surrogates, nothing beyond U+10FFFF.
std::size_t sequence_at(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first < 0xC2   ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : size;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    std::uint64_t eight = 0;
    if (text.size() >= sizeof(eight)) {
      std::memcpy(&eight, text.data(), sizeof(eight));
      if ((eight & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof(eight));
        continue;
      }
    }
    const auto size = sequence_at(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// An integer as the double that is equal to it.
std::optional<double> as_double(std::int64_t value) {
  const auto out = static_cast<double>(value);
  // 2^63 itself is a double and no int64.
  if (out >= 9223372036854775808.0 || static_cast<std::int64_t>(out) != value) return std::nullopt;
  return out;
}

}  // namespace

std::string_view bytes_of(sqlite3_value* value) {
  const void* data = sqlite3_value_type(value) == SQLITE_BLOB
                         ? sqlite3_value_blob(value)
                         : static_cast<const void*>(sqlite3_value_text(value));
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

Cells::Cells(ColumnType type, bool lenient) : type_(std::move(type)), lenient_(lenient) {
  if (is_bytes(type_.kind)) offsets_.push_back(0);
}

bool Cells::take_other(sqlite3_value* value, int stored) {
  if (stored == SQLITE_NULL) return take_null();
  switch (type_.kind) {
    case TypeKind::boolean:
    case TypeKind::int64:
    case TypeKind::float64: return take_number(value, stored);
    case TypeKind::text: {
      const bool fits = stored == SQLITE_TEXT || (lenient_ && stored != SQLITE_BLOB);
      const auto text = fits ? bytes_of(value) : std::string_view();
      return fits && is_utf8(text) && put_bytes(text);
    }
    case TypeKind::blob:
      return (stored == SQLITE_BLOB || stored == SQLITE_TEXT) && put_bytes(bytes_of(value));
    default: return stored == SQLITE_TEXT && take_time(bytes_of(value));
  }
}

bool Cells::take_number(sqlite3_value* value, int stored) {
  if (stored != SQLITE_INTEGER) return false;
  const auto number = static_cast<std::int64_t>(sqlite3_value_int64(value));
  if (type_.kind == TypeKind::boolean)
    return (number == 0 || number == 1) && put(static_cast<std::uint8_t>(number));
  const auto real = as_double(number);
  return real && put(*real);
}

bool Cells::take_time(std::string_view text) {
  if (type_.kind == TypeKind::date) {
    const auto days = parse_date(text);
    return days && put(*days);
  }
  const auto units =
      type_.kind == TypeKind::time
          ? parse_time(text)
          : parse_timestamp(text, type_.kind == TypeKind::timestamp_ns ? 1000000000 : 1000000);
  return units && put(*units);
}

bool Cells::take_null() {
  nulls_.push_back(rows_);
  if (is_bytes(type_.kind)) return put_bytes({});
  if (type_.kind == TypeKind::boolean) return put(std::uint8_t{0});
  if (type_.kind == TypeKind::date) return put(std::int32_t{0});
  return put(std::int64_t{0});
}

bool Cells::put_bytes(std::string_view bytes) {
  if (used_ + bytes.size() > values_.size()) make_room(bytes.size());
  if (!bytes.empty()) std::memcpy(values_.data() + used_, bytes.data(), bytes.size());
  used_ += bytes.size();
  offsets_.push_back(static_cast<std::int32_t>(used_));
  ++rows_;
  return true;
}

void Cells::make_room(std::size_t bytes) {
  values_.resize(std::max({kFirstRoom, 2 * values_.size(), used_ + bytes}));
}

Buffer Cells::validity() const {
  if (nulls_.empty()) return {};
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(rows_ + 7) / 8, 0xFF);
  for (const auto row : nulls_)
    mask[static_cast<std::size_t>(row) / 8] &= static_cast<std::uint8_t>(~(1U << (row % 8)));
  return Buffer::own(std::move(mask));
}

Buffer Cells::bits() const {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(rows_ + 7) / 8);
  for (std::size_t row = 0; row < used_; ++row)
    out[row / 8] |= static_cast<std::uint8_t>(values_[row] << (row % 8));
  return Buffer::own(std::move(out));
}

Column Cells::finish() {
  Column out{.type = type_, .length = rows_};
  out.null_count = static_cast<std::int64_t>(nulls_.size());
  out.validity = validity();
  const auto room = values_.size();
  if (type_.kind == TypeKind::boolean) {
    out.values = bits();
  } else {
    values_.resize(used_);
    out.values = Buffer::own(std::move(values_));
    // The next batch is about as large; more than fits into a cache is not kept for nothing.
    values_ = std::vector<std::uint8_t>(std::min<std::size_t>(room, 16384));
  }
  if (is_bytes(type_.kind)) out.offsets = Buffer::own(std::exchange(offsets_, {0}));
  nulls_.clear();
  rows_ = 0;
  used_ = 0;
  return out;
}

}  // namespace quern::sqlite
