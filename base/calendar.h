#pragma once
// The proleptic Gregorian calendar over the whole range of 64-bit days, in exact arithmetic.
// std::chrono's years are 16 bits wide, which a database's dates are not.

#include <array>
#include <cstdint>

namespace quern {

struct CivilDate {
  std::int64_t year = 1970;  ///< astronomical: 0 is 1 BC
  int month = 1;             ///< 1 to 12
  int day = 1;               ///< 1 to 31
};

/// Divides downwards, as a calendar does: the day before 1970 is -1, not 0.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// What floor_div() leaves: 0 to b - 1. Never overflows, where a - floor_div(a, b) * b may.
constexpr std::int64_t floor_rest(std::int64_t a, std::int64_t b) {
  return a % b + (a % b < 0 ? b : 0);
}

/// The date `days` after 1970-01-01.
/// Rule: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
constexpr CivilDate civil_date(std::int64_t days) {
  const auto shifted = days + 719468;  // years begin in March: the leap day is their last
  const auto era = floor_div(shifted, 146097);
  const auto day_of_era = floor_rest(shifted, 146097);
  const auto year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto month = (5 * day_of_year + 2) / 153;
  return {.year = year_of_era + era * 400 + (month >= 10 ? 1 : 0),
          .month = static_cast<int>(month < 10 ? month + 3 : month - 9),
          .day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1)};
}

/// 1 for Monday to 7 for Sunday: ISO 8601.
constexpr int iso_weekday(std::int64_t days) {
  return static_cast<int>(floor_rest(days + 3, 7)) + 1;
}

constexpr bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// 1 to 366.
constexpr int day_of_year(const CivilDate& date) {
  constexpr std::array<int, 12> kBefore = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return kBefore[static_cast<std::size_t>(date.month - 1)] + date.day +
         (date.month > 2 && is_leap(date.year) ? 1 : 0);
}

}  // namespace quern
