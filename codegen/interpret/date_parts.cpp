// Each value becomes microseconds since 1970, then the part.

#include "codegen/interpret/date_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/calendar.h"

namespace quern::codegen {
namespace {

constexpr std::int64_t kDay = 86400000000;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// A date or timestamp of any unit as a day and the microseconds within it.
struct Moment {
  std::int64_t day = 0;
  std::int64_t micros = 0;
};

Moment at_micros(std::int64_t micros) {
  return {floor_div(micros, kDay), floor_rest(micros, kDay)};
}

double epoch_days(const Moment& m) {
  return static_cast<double>(static_cast<__int128>(m.day) * kDay + m.micros) /
         static_cast<double>(kDay);
}

float whole(std::int64_t number) { return static_cast<float>(number); }

float part_of(const Moment& m, ir::Part part) {
  switch (part) {
    case ir::Part::year: return static_cast<float>(civil_date(m.day).year);
    case ir::Part::month: return static_cast<float>(civil_date(m.day).month);
    case ir::Part::day: return static_cast<float>(civil_date(m.day).day);
    case ir::Part::isodow: return static_cast<float>(iso_weekday(m.day));
    case ir::Part::doy: return static_cast<float>(day_of_year(civil_date(m.day)));
    case ir::Part::epoch_days: return static_cast<float>(epoch_days(m));
    case ir::Part::hour: return whole(m.micros / 3600000000);
    case ir::Part::minute: return whole(m.micros / 60000000 % 60);
    case ir::Part::second_of_day: return static_cast<float>(static_cast<double>(m.micros) / 1e6);
  }
  return kMissing;
}

/// Databases keep +-infinity at the ends of the range.
template <typename T>
float infinite_part(T value, ir::Part part) {
  if (part != ir::Part::epoch_days) return kMissing;
  const auto infinity = std::numeric_limits<float>::infinity();
  return value > 0 ? infinity : -infinity;
}

template <typename T, typename ToMoment>
void run(const Column& column, ir::Part part, float* out, ToMoment to_moment) {
  constexpr T kInfinite = std::numeric_limits<T>::max();
  const auto values = column.as<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool infinite = values[i] == kInfinite || values[i] == -kInfinite;
    out[i] = infinite ? infinite_part(values[i], part) : part_of(to_moment(values[i]), part);
  }
}

Moment at_day(std::int64_t days) { return {days, 0}; }

}  // namespace

float date_part(TypeKind kind, double value, ir::Part part) {
  const bool date = kind == TypeKind::date;
  const double end = date ? 2147483647.0 : 9223372036854774784.0;
  if (std::isnan(value)) return kMissing;
  if (std::abs(value) >= end) return infinite_part(value, part);
  const auto whole_units = static_cast<std::int64_t>(std::floor(value));
  return part_of(date ? at_day(whole_units) : at_micros(whole_units), part);
}

void run_date_part(const Column& column, ir::Part part, float* out) {
  switch (column.type.kind) {
    case TypeKind::date: run<std::int32_t>(column, part, out, at_day); break;
    case TypeKind::timestamp:
    case TypeKind::timestamp_tz: run<std::int64_t>(column, part, out, at_micros); break;
    case TypeKind::timestamp_ns:
      run<std::int64_t>(column, part, out,
                        [](std::int64_t nanos) { return at_micros(floor_div(nanos, 1000)); });
      break;
    default: std::fill(out, out + column.length, kMissing); return;
  }
  if (column.null_count == 0) return;
  for (std::int64_t i = 0; i < column.length; ++i) {
    if (column.is_null(i)) out[i] = kMissing;
  }
}

}  // namespace quern::codegen
