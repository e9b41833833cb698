// One reader for each way that values come. What is as wide here as on the wire is copied; the
// rest is made of the library's MYSQL_TIME and of bytes.

#include "connectors/mysql/read_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "connectors/some_columns.h"
#include "connectors/validity.h"

namespace quern::mysql {
namespace {

/// A place for values of unknown length begins and ends with so many bytes; what is longer is
/// fetched a second time.
constexpr std::size_t kLeastBytes = 64;
constexpr std::size_t kMostBytes = 64 << 10;

constexpr std::int64_t kMicrosOfSecond = 1000000;
constexpr std::int64_t kMicrosOfDay = 86400 * kMicrosOfSecond;

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
/// Rule: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
std::int64_t days_of(std::int64_t year, unsigned int month, unsigned int day) {
  year -= month <= 2 ? 1 : 0;
  const auto era = floor_div(year, 400);
  const auto year_of_era = year - era * 400;
  const std::int64_t shifted = (month + 9) % 12;
  const auto day_of_year = (153 * shifted + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

/// Columns of one width, whose values come as `Base` fetches them.
template <typename Value, typename Base = ValueReader>
class WidthReader : public Base {
 public:
  /// \param how  what `Base` is made of
  template <typename... How>
  explicit WidthReader(ColumnType type, How... how) : Base(how...), type_(std::move(type)) {}
  void add_null() final {
    values_.push_back({});
    validity_.add(false);
  }
  Column finish() final {
    Column out{.type = type_};
    validity_.finish(out);
    const auto rows = values_.size();
    out.values = Buffer::own(std::move(values_));
    values_ = {};
    values_.reserve(rows);
    return out;
  }

 protected:
  bool put(const Value& value) {
    values_.push_back(value);
    validity_.add(true);
    return true;
  }
  const ColumnType& type() const { return type_; }

 private:
  ColumnType type_;
  std::vector<Value> values_;
  Validity validity_;
};

/// Numbers that come as they are kept.
template <typename T>
class NumberReader final : public WidthReader<T> {
 public:
  NumberReader(ColumnType type, enum_field_types sent, bool natural)
      : WidthReader<T>(std::move(type)), sent_(sent), natural_(natural) {}
  void bind(MYSQL_BIND& out) override {
    out.buffer_type = sent_;
    out.buffer = &value_;
    out.buffer_length = sizeof value_;
    out.is_unsigned = natural_ ? 1 : 0;
    out.is_null = &this->is_null_;
    out.error = &this->is_cut_;
    out.length = &this->length_;
  }
  bool add_text(const char* text, std::size_t size) override {
    if (text == nullptr) {
      this->add_null();
      return true;
    }
    T value{};
    if (std::from_chars(text, text + size, value).ec != std::errc())
      return this->refuse("text that is no number: " + std::string(text, size));
    return this->put(value);
  }

 protected:
  bool add_value(MYSQL_STMT* /*statement*/, unsigned int /*column*/) override {
    return this->put(value_);
  }

 private:
  enum_field_types sent_;
  bool natural_;
  T value_{};
};

/// Reads the server's text of a date, a time of day or both: [-][YYYY-MM-DD] [H:MM:SS[.f]].
MYSQL_TIME time_of(std::string_view text, bool date) {
  MYSQL_TIME out{};
  const auto number = [&](char end) {
    unsigned int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (!text.empty() && text.front() == end) text.remove_prefix(1);
    return value;
  };
  if (text.starts_with('-')) {
    out.neg = 1;
    text.remove_prefix(1);
  }
  if (date) {
    out.year = number('-');
    out.month = number('-');
    out.day = number(' ');
  }
  if (text.empty()) return out;
  out.hour = number(':');
  out.minute = number(':');
  out.second = number('.');
  std::string fraction(text.substr(0, 6));
  fraction.resize(6, '0');
  std::from_chars(fraction.data(), fraction.data() + 6, out.second_part);
  return out;
}

std::int64_t micros_of(const MYSQL_TIME& t) {
  const std::int64_t seconds = std::int64_t{t.hour} * 3600 + std::int64_t{t.minute} * 60 + t.second;
  return seconds * kMicrosOfSecond + static_cast<std::int64_t>(t.second_part);
}

/// Values that the library gives as MYSQL_TIME.
template <typename Value>
class TimeReader : public WidthReader<Value> {
 public:
  TimeReader(ColumnType type, enum_field_types sent)
      : WidthReader<Value>(std::move(type)), sent_(sent) {}
  void bind(MYSQL_BIND& out) final {
    out.buffer_type = sent_;
    out.buffer = &time_;
    out.buffer_length = sizeof time_;
    out.is_null = &this->is_null_;
    out.error = &this->is_cut_;
    out.length = &this->length_;
  }
  bool add_text(const char* text, std::size_t size) final {
    if (text == nullptr) {
      this->add_null();
      return true;
    }
    return take(time_of({text, size}, sent_ != MYSQL_TYPE_TIME));
  }

 protected:
  virtual bool take(const MYSQL_TIME& time) = 0;
  bool add_value(MYSQL_STMT* /*statement*/, unsigned int /*column*/) final { return take(time_); }
  /// '0000-00-00' and dates without a month or day are no days of a calendar.
  bool is_no_date(const MYSQL_TIME& time) {
    if (time.month != 0 && time.day != 0) return false;
    ++this->zero_dates_;
    this->add_null();
    return true;
  }

 private:
  enum_field_types sent_;
  MYSQL_TIME time_{};
};

class DateReader final : public TimeReader<std::int32_t> {
  using TimeReader::TimeReader;
  bool take(const MYSQL_TIME& t) override {
    return is_no_date(t) || put(static_cast<std::int32_t>(days_of(t.year, t.month, t.day)));
  }
};

class TimestampReader final : public TimeReader<std::int64_t> {
  using TimeReader::TimeReader;
  bool take(const MYSQL_TIME& t) override {
    return is_no_date(t) || put(days_of(t.year, t.month, t.day) * kMicrosOfDay + micros_of(t));
  }
};

class IntervalReader final : public TimeReader<Interval> {
  using TimeReader::TimeReader;
  bool take(const MYSQL_TIME& t) override {
    const auto micros = t.day * kMicrosOfDay + micros_of(t);
    return put({.months = 0, .days = 0, .micros = t.neg != 0 ? -micros : micros});
  }
};

/// Bytes that come from a place that grows.
class BytesPlace {
 public:
  explicit BytesPlace(std::size_t most)
      : place_(std::clamp(most == 0 ? kMostBytes : most, kLeastBytes, std::size_t{1024})) {}
  void bind(MYSQL_BIND& out, enum_field_types type) {
    out.buffer_type = type;
    out.buffer = place_.data();
    out.buffer_length = place_.size();
  }
  /// The value. True is left in `moved` where the next one has a larger place.
  std::string_view value(MYSQL_STMT* statement, unsigned int column, std::size_t length,
                         enum_field_types type, bool& moved) {
    if (length <= place_.size()) return {place_.data(), length};
    // The library goes on writing to the place that it knows until it is told of another.
    whole_.resize(length);
    MYSQL_BIND again{};
    unsigned long got = 0;
    again.buffer_type = type;
    again.buffer = whole_.data();
    again.buffer_length = whole_.size();
    again.length = &got;
    if (mysql_stmt_fetch_column(statement, &again, column, 0) != 0) return {};
    if (place_.size() < kMostBytes && !moved) {
      wanted_ = std::min(kMostBytes, std::max(length, 2 * place_.size()));
      moved = true;
    }
    return {whole_.data(), length};
  }
  void grow() {
    if (wanted_ > place_.size()) place_.resize(wanted_);
  }

 private:
  std::vector<char> place_;
  std::vector<char> whole_;
  std::size_t wanted_ = 0;
};

/// Values of bytes, whatever is made of them.
class FromBytes : public ValueReader {
 public:
  FromBytes(enum_field_types as, std::size_t most) : as_(as), place_(most) {}
  void bind(MYSQL_BIND& out) final {
    place_.grow();
    moved_ = false;
    place_.bind(out, as_);
    out.is_null = &is_null_;
    out.error = &is_cut_;
    out.length = &length_;
  }
  bool add_text(const char* text, std::size_t size) final {
    if (text == nullptr) {
      add_null();
      return true;
    }
    last_bytes_ = size;
    return take({text, size});
  }

 protected:
  virtual bool take(std::string_view bytes) = 0;
  bool add_value(MYSQL_STMT* statement, unsigned int column) final {
    const auto bytes = place_.value(statement, column, length_, as_, moved_);
    if (bytes.size() != length_) return refuse("a value of which a part is missing");
    last_bytes_ = bytes.size();
    return take(bytes);
  }

 private:
  enum_field_types as_;
  BytesPlace place_;
};

/// Text and bytes, between offsets.
class BytesReader final : public FromBytes {
 public:
  explicit BytesReader(const ResultColumn& column)
      : FromBytes(column.field.type.kind == TypeKind::blob ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING,
                  column.bytes),
        type_(column.field.type) {}
  void add_null() override { end_row(false); }
  Column finish() override {
    Column out{.type = type_};
    validity_.finish(out);
    out.values = Buffer::own(std::move(bytes_));
    out.offsets = Buffer::own(std::move(offsets_));
    bytes_ = {};
    offsets_ = {0};
    return out;
  }

 private:
  bool take(std::string_view text) override {
    constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
    if (text.size() > kMost - bytes_.size()) return refuse("more than 2 GB in one batch");
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    end_row(true);
    return true;
  }
  void end_row(bool valid) {
    offsets_.push_back(static_cast<std::int32_t>(bytes_.size()));
    validity_.add(valid);
  }

  ColumnType type_;
  std::vector<char> bytes_;
  std::vector<std::int32_t> offsets_{0};
  Validity validity_;
};

/// DECIMAL of at most 38 digits, which comes as text: all digits of its scale.
class DecimalReader final : public WidthReader<__int128, FromBytes> {
 public:
  explicit DecimalReader(ColumnType type)
      : WidthReader(std::move(type), MYSQL_TYPE_STRING, kLeastBytes) {}

 private:
  bool take(std::string_view text) override {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    unsigned __int128 value = 0;
    int digits = 0;
    int behind = -1;  // digits behind the point, once it was seen
    for (const char c : text) {
      if (c == '.' && behind < 0) {
        behind = 0;
        continue;
      }
      if (c < '0' || c > '9') return refuse("text that is no number: " + std::string(text));
      value = value * 10 + static_cast<unsigned>(c - '0');
      if (value != 0) ++digits;
      if (behind >= 0) ++behind;
    }
    const int scale = type().scale;
    for (behind = std::max(behind, 0); behind < scale; ++behind, ++digits) value *= 10;
    if (digits > 38 || behind > scale) return refuse("more digits than the type has");
    return put(negative ? -static_cast<__int128>(value) : static_cast<__int128>(value));
  }
};

std::uint64_t bits_of(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

/// BIT(n): bytes, the highest first.
class BitsReader final : public WidthReader<std::uint64_t, FromBytes> {
 public:
  explicit BitsReader(ColumnType type)
      : WidthReader(std::move(type), MYSQL_TYPE_BLOB, kLeastBytes) {}

 private:
  bool take(std::string_view bytes) override { return put(bits_of(bytes)); }
};

/// TINYINT(1), a number, and BIT(1), a byte.
class BooleanReader final : public ValueReader {
 public:
  BooleanReader(ColumnType type, bool number) : type_(std::move(type)), number_(number) {}
  void bind(MYSQL_BIND& out) override {
    out.buffer_type = number_ ? MYSQL_TYPE_TINY : MYSQL_TYPE_BLOB;
    out.buffer = &value_;
    out.buffer_length = sizeof value_;
    out.is_null = &is_null_;
    out.error = &is_cut_;
    out.length = &length_;
  }
  void add_null() override { put(false, false); }
  bool add_text(const char* text, std::size_t size) override {
    if (text == nullptr) {
      add_null();
      return true;
    }
    if (number_) {
      std::from_chars(text, text + size, value_);
    } else {
      value_ = static_cast<std::int8_t>(bits_of({text, size}));
    }
    return add_value(nullptr, 0);
  }
  Column finish() override {
    Column out{.type = type_};
    validity_.finish(out);
    out.values = Buffer::own(std::move(bits_));
    bits_ = {};
    return out;
  }

 private:
  bool add_value(MYSQL_STMT* /*statement*/, unsigned int /*column*/) override {
    if (value_ != 0 && value_ != 1)
      return refuse("the number " + std::to_string(value_) + ", and the column is read as boolean");
    put(value_ != 0, true);
    return true;
  }
  void put(bool value, bool valid) {
    const auto row = validity_.rows();
    if (row % 8 == 0) bits_.push_back(0);
    if (value) bits_.back() |= static_cast<std::uint8_t>(1U << (row % 8));
    validity_.add(valid);
  }

  ColumnType type_;
  bool number_;
  std::int8_t value_ = 0;
  std::vector<std::uint8_t> bits_;
  Validity validity_;
};

/// The library passes over the values' bytes.
class Skipper final : public ValueReader {
 public:
  explicit Skipper(ColumnType type) : type_(std::move(type)) {}
  void bind(MYSQL_BIND& out) override {
    out.buffer_type = MYSQL_TYPE_NULL;
    out.is_null = &is_null_;
    out.flags = MADB_BIND_DUMMY;
  }
  bool add_text(const char* /*text*/, std::size_t /*size*/) override {
    ++rows_;
    return true;
  }
  void add_null() override { ++rows_; }
  Column finish() override { return nulls_.make(type_, std::exchange(rows_, 0)); }

 private:
  bool add_value(MYSQL_STMT* /*statement*/, unsigned int /*column*/) override {
    ++rows_;
    return true;
  }

  ColumnType type_;
  std::int64_t rows_ = 0;
  NullColumns nulls_;
};

template <typename T>
std::unique_ptr<ValueReader> number(const ColumnType& type, enum_field_types sent, bool natural) {
  return std::make_unique<NumberReader<T>>(type, sent, natural);
}

}  // namespace

std::unique_ptr<ValueReader> make_reader(const ResultColumn& column) {
  const auto& type = column.field.type;
  using enum TypeKind;
  switch (type.kind) {
    case boolean: return std::make_unique<BooleanReader>(type, column.sent == MYSQL_TYPE_TINY);
    case int8: return number<std::int8_t>(type, MYSQL_TYPE_TINY, false);
    case uint8: return number<std::uint8_t>(type, MYSQL_TYPE_TINY, true);
    // A YEAR is sent as an unsigned number, which the library would refuse to call signed.
    case int16: return number<std::int16_t>(type, MYSQL_TYPE_SHORT, column.is_unsigned);
    case uint16: return number<std::uint16_t>(type, MYSQL_TYPE_SHORT, true);
    case int32: return number<std::int32_t>(type, MYSQL_TYPE_LONG, false);
    case uint32: return number<std::uint32_t>(type, MYSQL_TYPE_LONG, true);
    case int64: return number<std::int64_t>(type, MYSQL_TYPE_LONGLONG, false);
    case uint64:
      if (column.sent == MYSQL_TYPE_BIT) return std::make_unique<BitsReader>(type);
      return number<std::uint64_t>(type, MYSQL_TYPE_LONGLONG, true);
    case float32: return number<float>(type, MYSQL_TYPE_FLOAT, false);
    case float64: return number<double>(type, MYSQL_TYPE_DOUBLE, false);
    case decimal: return std::make_unique<DecimalReader>(type);
    case date: return std::make_unique<DateReader>(type, MYSQL_TYPE_DATE);
    case timestamp: return std::make_unique<TimestampReader>(type, MYSQL_TYPE_DATETIME);
    case interval: return std::make_unique<IntervalReader>(type, MYSQL_TYPE_TIME);
    default: return std::make_unique<BytesReader>(column);
  }
}

std::unique_ptr<ValueReader> make_skipper(const ColumnType& type) {
  return std::make_unique<Skipper>(type);
}

}  // namespace quern::mysql
