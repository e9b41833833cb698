// One reader for each way that values are sent. All numbers are in network byte order.

#include "connectors/postgres/read_values.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include "connectors/validity.h"

namespace quern::postgres {
namespace {

/// Days and microseconds from 1970-01-01 to the server's own 2000-01-01.
constexpr std::int32_t kEpochDays = 10957;
constexpr std::int64_t kEpochMicros = std::int64_t{kEpochDays} * 86400 * 1000000;

template <typename T>
T swapped(T value) {
  if constexpr (sizeof(T) == 2)
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof(T) == 4)
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof(T) == 8)
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}

template <typename T>
T read_int(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return std::endian::native == std::endian::little ? swapped(value) : value;
}

/// Values of one width. `Decode` gives `bool operator()(const char*, Value&)`, false for what does
/// not fit.
template <typename Value, std::int32_t kSize, typename Decode>
class FixedReader final : public ValueReader {
 public:
  explicit FixedReader(ColumnType type) : type_(std::move(type)) {}
  void add_null() override {
    values_.push_back({});
    validity_.add(false);
  }
  bool add(const char* bytes, std::int32_t size) override {
    Value value{};
    if (size != kSize) return refuse("a value of " + std::to_string(size) + " bytes");
    if (!Decode{}(bytes, value)) return refuse("a value beyond the range of the type");
    values_.push_back(value);
    validity_.add(true);
    return true;
  }
  Column finish() override {
    Column out{.type = type_};
    validity_.finish(out);
    const auto rows = values_.size();
    out.values = Buffer::own(std::move(values_));
    values_ = {};
    values_.reserve(rows);
    return out;
  }

 private:
  ColumnType type_;
  std::vector<Value> values_;
  Validity validity_;
};

template <typename T>
struct AsInteger {
  bool operator()(const char* bytes, T& out) const {
    out = read_int<T>(bytes);
    return true;
  }
};
template <typename T, typename Bits>
struct AsFloat {
  bool operator()(const char* bytes, T& out) const {
    out = std::bit_cast<T>(read_int<Bits>(bytes));
    return true;
  }
};
struct AsDate {
  bool operator()(const char* bytes, std::int32_t& out) const {
    const auto days = read_int<std::int32_t>(bytes);
    constexpr auto kMost = std::numeric_limits<std::int32_t>::max();
    if (days == kMost || days == std::numeric_limits<std::int32_t>::min()) {
      out = days == kMost ? kMost : -kMost;
      return true;
    }
    return !__builtin_add_overflow(days, kEpochDays, &out);
  }
};
struct AsTimestamp {
  bool operator()(const char* bytes, std::int64_t& out) const {
    const auto micros = read_int<std::int64_t>(bytes);
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    if (micros == kMost || micros == std::numeric_limits<std::int64_t>::min()) {
      out = micros == kMost ? kMost : -kMost;
      return true;
    }
    return !__builtin_add_overflow(micros, kEpochMicros, &out);
  }
};
struct AsInterval {
  bool operator()(const char* bytes, Interval& out) const {
    out = {.months = read_int<std::int32_t>(bytes + 12),
           .days = read_int<std::int32_t>(bytes + 8),
           .micros = read_int<std::int64_t>(bytes)};
    return true;
  }
};

class BooleanReader final : public ValueReader {
 public:
  explicit BooleanReader(ColumnType type) : type_(std::move(type)) {}
  void add_null() override { put(false, false); }
  bool add(const char* bytes, std::int32_t size) override {
    if (size != 1) return refuse("a boolean of " + std::to_string(size) + " bytes");
    put(*bytes != 0, true);
    return true;
  }
  Column finish() override {
    Column out{.type = type_};
    validity_.finish(out);
    out.values = Buffer::own(std::move(bits_));
    bits_ = {};
    return out;
  }

 private:
  void put(bool value, bool valid) {
    const auto row = validity_.rows();
    if (row % 8 == 0) bits_.push_back(0);
    if (value) bits_.back() |= static_cast<std::uint8_t>(1U << (row % 8));
    validity_.add(valid);
  }

  ColumnType type_;
  std::vector<std::uint8_t> bits_;
  Validity validity_;
};

/// Bytes between offsets.
class BytesReader : public ValueReader {
 public:
  explicit BytesReader(ColumnType type) : type_(std::move(type)) {}
  void add_null() override { end_row(false); }
  bool add(const char* bytes, std::int32_t size) override {
    return put({bytes, static_cast<std::size_t>(size)});
  }
  Column finish() override {
    Column out{.type = type_};
    validity_.finish(out);
    out.values = Buffer::own(std::move(bytes_));
    out.offsets = Buffer::own(std::move(offsets_));
    bytes_ = {};
    offsets_ = {0};
    return out;
  }

 protected:
  bool put(std::string_view text) {
    constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
    if (text.size() > kMost - bytes_.size()) return refuse("more than 2 GB in one batch");
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    end_row(true);
    return true;
  }

 private:
  void end_row(bool valid) {
    offsets_.push_back(static_cast<std::int32_t>(bytes_.size()));
    validity_.add(valid);
  }

  ColumnType type_;
  std::vector<char> bytes_;
  std::vector<std::int32_t> offsets_{0};
  Validity validity_;
};

/// char(n): blanks at the end mean nothing.
class PaddedReader final : public BytesReader {
 public:
  using BytesReader::BytesReader;
  bool add(const char* bytes, std::int32_t size) override {
    while (size > 0 && bytes[size - 1] == ' ') --size;
    return BytesReader::add(bytes, size);
  }
};

class UuidReader final : public BytesReader {
 public:
  using BytesReader::BytesReader;
  bool add(const char* bytes, std::int32_t size) override {
    if (size != 16) return refuse("a uuid of " + std::to_string(size) + " bytes");
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < 16; ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      const auto byte = static_cast<unsigned char>(bytes[i]);
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 15U];
    }
    return put(text);
  }
};

/// A numeric as it is sent: digits to the base of 10,000, the first worth 10,000^weight.
struct Numeric {
  static constexpr std::uint16_t kNegative = 0x4000, kNan = 0xc000, kInfinity = 0xd000,
                                 kMinusInfinity = 0xf000;
  int count = 0;
  int weight = 0;
  std::uint16_t sign = 0;
  int scale = 0;  ///< digits that are shown behind the point
  const char* digits = nullptr;

  bool read(const char* bytes, std::int32_t size) {
    if (size < 8) return false;
    count = read_int<std::int16_t>(bytes);
    weight = read_int<std::int16_t>(bytes + 2);
    sign = read_int<std::uint16_t>(bytes + 4);
    scale = read_int<std::int16_t>(bytes + 6);
    digits = bytes + 8;
    return count >= 0 && size == 8 + 2 * count;
  }
  bool is_number() const { return sign == 0 || sign == kNegative; }
  /// Digit `i`; 0 beyond those that are sent.
  int digit(int i) const {
    return i < 0 || i >= count ? 0 : read_int<std::int16_t>(digits + 2 * i);
  }
};

constexpr std::array<__int128, 39> powers_of_ten() {
  std::array<__int128, 39> out{};
  out[0] = 1;
  for (std::size_t i = 1; i < out.size(); ++i) out[i] = out[i - 1] * 10;
  return out;
}
constexpr auto kPowers = powers_of_ten();

/// numeric(p, s) with p at most 38.
class DecimalReader final : public ValueReader {
 public:
  explicit DecimalReader(ColumnType type) : type_(std::move(type)) {}
  void add_null() override {
    values_.push_back(0);
    validity_.add(false);
  }
  bool add(const char* bytes, std::int32_t size) override {
    Numeric number;
    if (!number.read(bytes, size)) return refuse("bytes that are no numeric");
    if (!number.is_number()) return refuse("NaN, which a decimal cannot hold");
    __int128 value = 0;
    for (int i = 0; i < number.count; ++i) {
      const int exponent = 4 * (number.weight - i) + type_.scale;
      if (exponent > 38) return refuse("more digits than the type has");
      if (exponent >= 0) value += number.digit(i) * kPowers[static_cast<std::size_t>(exponent)];
      if (exponent < 0 && exponent > -4)
        value += number.digit(i) / kPowers[static_cast<std::size_t>(-exponent)];
    }
    values_.push_back(number.sign == Numeric::kNegative ? -value : value);
    validity_.add(true);
    return true;
  }
  Column finish() override {
    Column out{.type = type_};
    validity_.finish(out);
    out.values = Buffer::own(std::move(values_));
    values_ = {};
    return out;
  }

 private:
  ColumnType type_;
  std::vector<__int128> values_;
  Validity validity_;
};

/// A numeric of any size, in digits.
class NumericReader final : public BytesReader {
 public:
  using BytesReader::BytesReader;
  bool add(const char* bytes, std::int32_t size) override {
    Numeric number;
    if (!number.read(bytes, size)) return refuse("bytes that are no numeric");
    if (number.sign == Numeric::kNan) return put("NaN");
    if (number.sign == Numeric::kInfinity) return put("Infinity");
    if (number.sign == Numeric::kMinusInfinity) return put("-Infinity");
    text_.clear();
    if (number.sign == Numeric::kNegative) text_ += '-';
    add_whole(number);
    if (number.scale > 0) add_fraction(number);
    return put(text_);
  }

 private:
  void add_four(int digit) {
    const std::array<char, 4> four{
        static_cast<char>('0' + digit / 1000), static_cast<char>('0' + digit / 100 % 10),
        static_cast<char>('0' + digit / 10 % 10), static_cast<char>('0' + digit % 10)};
    text_.append(four.data(), four.size());
  }
  void add_whole(const Numeric& number) {
    const auto begin = text_.size();
    for (int i = 0; i <= number.weight; ++i) add_four(number.digit(i));
    text_.erase(begin, std::min(text_.find_first_not_of('0', begin), text_.size()) - begin);
    if (text_.size() == begin) text_ += '0';
  }
  void add_fraction(const Numeric& number) {
    text_ += '.';
    const auto end = text_.size() + static_cast<std::size_t>(number.scale);
    for (int i = number.weight + 1; text_.size() < end; ++i) add_four(number.digit(i));
    text_.resize(end);
  }

  std::string text_;  ///< of the value, kept for its memory
};

/// Arrays of one dimension.
class ListReader final : public ValueReader {
 public:
  ListReader(ColumnType type, std::unique_ptr<ValueReader> elements)
      : type_(std::move(type)), elements_(std::move(elements)) {}
  void add_null() override { end_row(false); }
  bool add(const char* bytes, std::int32_t size) override {
    constexpr std::int32_t kHead = 12, kDimension = 8;
    if (size < kHead) return refuse("bytes that are no array");
    const auto dimensions = read_int<std::int32_t>(bytes);
    if (dimensions > 1)
      return refuse("an array of " + std::to_string(dimensions) + " dimensions, where one is read");
    if (dimensions == 1) {
      if (size < kHead + kDimension) return refuse("bytes that are no array");
      const auto count = read_int<std::int32_t>(bytes + kHead);
      if (!add_elements(bytes + kHead + kDimension, bytes + size, count)) return false;
    }
    end_row(true);
    return true;
  }
  Column finish() override {
    Column out{.type = type_};
    validity_.finish(out);
    out.offsets = Buffer::own(std::move(offsets_));
    out.elements = std::make_shared<const Column>(elements_->finish());
    offsets_ = {0};
    count_ = 0;
    return out;
  }

 private:
  bool add_elements(const char* at, const char* end, std::int32_t count) {
    for (std::int32_t i = 0; i < count; ++i) {
      if (end - at < 4) return refuse("bytes that are no array");
      const auto size = read_int<std::int32_t>(at);
      at += 4;
      if (size > end - at) return refuse("bytes that are no array");
      if (size < 0) {
        elements_->add_null();
      } else if (!elements_->add(at, size)) {
        return refuse(elements_->problem());
      }
      at += size < 0 ? 0 : size;
      ++count_;
    }
    return true;
  }
  void end_row(bool valid) {
    offsets_.push_back(count_);
    validity_.add(valid);
  }

  ColumnType type_;
  std::unique_ptr<ValueReader> elements_;
  std::vector<std::int32_t> offsets_{0};
  std::int32_t count_ = 0;
  Validity validity_;
};

template <typename T>
using IntegerReader = FixedReader<T, sizeof(T), AsInteger<T>>;

std::unique_ptr<ValueReader> bytes_reader(const ColumnType& type, Oid sent) {
  if (sent == oid::uuid) return std::make_unique<UuidReader>(type);
  if (sent == oid::bpchar) return std::make_unique<PaddedReader>(type);
  return std::make_unique<BytesReader>(type);
}

std::unique_ptr<ValueReader> reader_of(const ColumnType& type, Oid sent) {
  switch (type.kind) {
    case TypeKind::boolean: return std::make_unique<BooleanReader>(type);
    case TypeKind::int16: return std::make_unique<IntegerReader<std::int16_t>>(type);
    case TypeKind::int32: return std::make_unique<IntegerReader<std::int32_t>>(type);
    case TypeKind::uint32: return std::make_unique<IntegerReader<std::uint32_t>>(type);
    case TypeKind::time:
    case TypeKind::int64: return std::make_unique<IntegerReader<std::int64_t>>(type);
    case TypeKind::float32:
      return std::make_unique<FixedReader<float, 4, AsFloat<float, std::uint32_t>>>(type);
    case TypeKind::float64:
      return std::make_unique<FixedReader<double, 8, AsFloat<double, std::uint64_t>>>(type);
    case TypeKind::date: return std::make_unique<FixedReader<std::int32_t, 4, AsDate>>(type);
    case TypeKind::timestamp:
    case TypeKind::timestamp_tz:
      return std::make_unique<FixedReader<std::int64_t, 8, AsTimestamp>>(type);
    case TypeKind::interval: return std::make_unique<FixedReader<Interval, 16, AsInterval>>(type);
    case TypeKind::decimal: return std::make_unique<DecimalReader>(type);
    case TypeKind::big_number: return std::make_unique<NumericReader>(type);
    case TypeKind::list: return std::make_unique<ListReader>(type, reader_of(*type.element, 0));
    default: return bytes_reader(type, sent);
  }
}

}  // namespace

std::unique_ptr<ValueReader> make_reader(const ResultColumn& column) {
  return reader_of(column.field.type, column.sent);
}

}  // namespace quern::postgres
