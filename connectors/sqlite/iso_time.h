#pragma once
// Dates and times as SQLite keeps them: text in the forms of ISO 8601 that its own functions read.

#include <cstdint>
#include <optional>
#include <string_view>

namespace quern::sqlite {

/// `YYYY-MM-DD` as days since 1970-01-01.
std::optional<std::int32_t> parse_date(std::string_view text);

/// `HH:MM`, `HH:MM:SS`, `HH:MM:SS.FFF...` as microseconds since midnight.
std::optional<std::int64_t> parse_time(std::string_view text);

/// A date, and behind a blank or a T a time; behind that Z or [+-]HH:MM, which makes it UTC. As
/// units since 1970-01-01; digits that the unit cannot hold are cut off.
///
/// \param units_per_second  1,000,000 or 1,000,000,000. nullopt also where 64 bits do not hold it.
std::optional<std::int64_t> parse_timestamp(std::string_view text, std::int64_t units_per_second);

}  // namespace quern::sqlite
