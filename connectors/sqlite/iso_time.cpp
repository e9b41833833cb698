// Rule: SQLite's documentation, "Date And Time Functions", time values 1 to 7 and the suffix of a
// time zone.

#include "connectors/sqlite/iso_time.h"

#include <array>

#include "base/calendar.h"

namespace quern::sqlite {
namespace {

constexpr std::int64_t kSecondsOfDay = 86400;

/// Takes fields off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (take(' ')) continue;
  }

  /// A number of exactly so many digits, at most `largest`; -1 where there is none.
  int number(std::size_t digits, int largest) {
    if (rest_.size() < digits) return -1;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return -1;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value <= largest ? value : -1;
  }

  /// Digits behind a point as units; -1 where there are none.
  std::int64_t fraction(std::int64_t units_per_second) {
    std::int64_t value = 0;
    std::int64_t unit = units_per_second;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      unit /= 10;
      value += unit * (rest_[digits] - '0');
    }
    rest_.remove_prefix(digits);
    return digits == 0 ? -1 : value;
  }

 private:
  std::string_view rest_;
};

int days_of_month(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// Rule: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
std::int32_t days_since_1970(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const auto era = static_cast<int>(floor_div(year, 400));
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

std::optional<std::int32_t> read_date(Reader& in) {
  const int year = in.number(4, 9999);
  if (year < 0 || !in.take('-')) return std::nullopt;
  const int month = in.number(2, 12);
  if (month < 1 || !in.take('-')) return std::nullopt;
  const int day = in.number(2, days_of_month(year, month));
  if (day < 1) return std::nullopt;
  return days_since_1970(year, month, day);
}

std::optional<std::int64_t> read_time(Reader& in, std::int64_t units_per_second) {
  const int hours = in.number(2, 23);
  if (hours < 0 || !in.take(':')) return std::nullopt;
  const int minutes = in.number(2, 59);
  if (minutes < 0) return std::nullopt;
  const std::int64_t units = (hours * 3600 + minutes * 60) * units_per_second;
  if (!in.take(':')) return units;
  const int seconds = in.number(2, 59);
  if (seconds < 0) return std::nullopt;
  const auto fraction = in.take('.') ? in.fraction(units_per_second) : 0;
  if (fraction < 0) return std::nullopt;
  return units + seconds * units_per_second + fraction;
}

/// Seconds that local time is ahead of UTC; 0 where nothing is said.
std::optional<int> read_zone(Reader& in) {
  in.skip_blanks();
  if (in.done() || in.take('Z') || in.take('z')) return 0;
  const bool behind = in.take('-');
  if (!behind && !in.take('+')) return std::nullopt;
  const int hours = in.number(2, 14);
  if (hours < 0 || !in.take(':')) return std::nullopt;
  const int minutes = in.number(2, 59);
  if (minutes < 0) return std::nullopt;
  const int seconds = hours * 3600 + minutes * 60;
  return behind ? -seconds : seconds;
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  Reader in(text);
  const auto days = read_date(in);
  return in.done() ? days : std::nullopt;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  Reader in(text);
  const auto micros = read_time(in, 1000000);
  return in.done() ? micros : std::nullopt;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text, std::int64_t units_per_second) {
  Reader in(text);
  const auto days = read_date(in);
  if (!days) return std::nullopt;
  std::int64_t units = 0;
  int ahead = 0;
  if (!in.done()) {
    if (!in.take(' ') && !in.take('T')) return std::nullopt;
    const auto time = read_time(in, units_per_second);
    const auto zone = time ? read_zone(in) : std::nullopt;
    if (!zone || !in.done()) return std::nullopt;
    units = *time;
    ahead = *zone;
  }
  std::int64_t out = 0;
  const bool too_far =
      __builtin_mul_overflow(*days * kSecondsOfDay - ahead, units_per_second, &out) ||
      __builtin_add_overflow(out, units, &out);
  return too_far ? std::nullopt : std::optional(out);
}

}  // namespace quern::sqlite
