// The calendar on its corners. tests/sql/types compares it with DuckDB's extract() at random.

#include "base/calendar.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace quern;

namespace {

void check(std::int64_t days, const CivilDate& expected, int weekday, int of_year) {
  const auto date = civil_date(days);
  CAPTURE(days);
  CHECK(date.year == expected.year);
  CHECK(date.month == expected.month);
  CHECK(date.day == expected.day);
  CHECK(iso_weekday(days) == weekday);
  CHECK(day_of_year(date) == of_year);
}

}  // namespace

TEST_CASE("days are dates, leap years and centuries included") {
  check(0, {1970, 1, 1}, 4, 1);
  check(-1, {1969, 12, 31}, 3, 365);
  check(11016, {2000, 2, 29}, 2, 60);   // divisible by 400: a leap year
  check(-25509, {1900, 2, 28}, 3, 59);  // divisible by 100: none
  check(-25508, {1900, 3, 1}, 4, 60);
  check(19782, {2024, 2, 29}, 4, 60);
  check(20088, {2024, 12, 31}, 2, 366);
}

TEST_CASE("years before 1 and beyond 32767 are years") {
  check(-719162, {1, 1, 1}, 1, 1);
  check(-719163, {0, 12, 31}, 7, 366);  // 1 BC is a leap year
  check(-719528, {0, 1, 1}, 6, 1);
  check(-2147483646, {-5877641, 6, 25}, 4, 176);  // DuckDB's first and last date
  check(2147483646, {5881580, 7, 10}, 4, 192);
}

TEST_CASE("a quotient and its rest make the number again, up to the least one") {
  constexpr std::int64_t kDay = 86400000000;
  for (const std::int64_t a :
       {std::int64_t{0}, std::int64_t{-1}, kDay, -kDay, -kDay - 1,
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CAPTURE(a);
    CHECK(floor_rest(a, kDay) >= 0);
    CHECK(floor_rest(a, kDay) < kDay);
    CHECK(static_cast<__int128>(floor_div(a, kDay)) * kDay + floor_rest(a, kDay) == a);
  }
}
