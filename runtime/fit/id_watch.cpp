// Whole numbers and texts into a sketch of their values.

#include "runtime/fit/id_watch.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string>

#include "base/hash.h"

namespace quern::runtime {
namespace {

constexpr std::int64_t kLeastRows = 50;
constexpr double kNearlyAll = 0.98;
/// Repeats that chance would have to bring before their absence says something: none at all then
/// has a probability of e^-10.
constexpr double kLeastByChance = 10;
constexpr double kExact = 9007199254740992.0;  // 2^53

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

}  // namespace

bool is_named_like_id(std::string_view name) {
  std::string lower;
  for (std::size_t i = 0; i < name.size(); ++i) {
    // Words of camelCase are divided like those of snake_case.
    if (i > 0 && is_upper(name[i]) && !is_upper(name[i - 1])) lower += '_';
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  const auto last = lower.find_last_of("_ .-");
  const auto word = last == std::string::npos ? lower : lower.substr(last + 1);
  constexpr std::array<std::string_view, 9> kWords{"id",     "uuid", "guid", "key", "rowid",
                                                   "number", "no",   "nr",   "pk"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

void IdWatch::add_number(std::int64_t value) {
  const auto number = static_cast<double>(value);
  const bool first = sketch_.values() == 0;
  low_ = first ? number : std::min(low_, number);
  high_ = first ? number : std::max(high_, number);
  sketch_.add(fold_hash(kFnvBasis, static_cast<std::uint64_t>(value)));
}

template <typename T>
void IdWatch::add_whole(const Column& column) {
  const auto values = column.as<T>();
  for (std::size_t i = 0; i < values.size() && open_; ++i) {
    if (column.is_null(static_cast<std::int64_t>(i))) continue;
    add_number(static_cast<std::int64_t>(values[i]));
    open_ = !sketch_.repeats();
  }
}

template <typename T>
void IdWatch::add_real(const Column& column) {
  const auto values = column.as<T>();
  for (std::size_t i = 0; i < values.size() && open_; ++i) {
    const auto value = static_cast<double>(values[i]);
    if (column.is_null(static_cast<std::int64_t>(i))) continue;
    if (std::isnan(value)) {
      ++missing_;
      continue;
    }
    open_ = std::abs(value) < kExact && value == std::floor(value);
    if (!open_) return;
    add_number(static_cast<std::int64_t>(value));
    open_ = !sketch_.repeats();
  }
}

/// The low 64 bits of wide integers tell them apart well enough.
void IdWatch::add_wide(const Column& column) {
  const auto values = column.as<__int128>();
  for (std::size_t i = 0; i < values.size() && open_; ++i) {
    if (column.is_null(static_cast<std::int64_t>(i))) continue;
    add_number(static_cast<std::int64_t>(values[i]));
    open_ = !sketch_.repeats();
  }
}

void IdWatch::add_texts(const Column& column) {
  text_ = true;
  for (std::int64_t r = 0; r < column.length && open_; ++r) {
    if (column.is_null(r)) continue;
    sketch_.add(spread(fnv1a(column.text(r))));
    open_ = !sketch_.repeats();
  }
}

void IdWatch::add_numbers(const Column& column) {
  switch (column.type.kind) {
    case TypeKind::int8: return add_whole<std::int8_t>(column);
    case TypeKind::int16: return add_whole<std::int16_t>(column);
    case TypeKind::int32: return add_whole<std::int32_t>(column);
    case TypeKind::int64: return add_whole<std::int64_t>(column);
    case TypeKind::uint8: return add_whole<std::uint8_t>(column);
    case TypeKind::uint16: return add_whole<std::uint16_t>(column);
    case TypeKind::uint32: return add_whole<std::uint32_t>(column);
    case TypeKind::uint64: return add_whole<std::uint64_t>(column);
    case TypeKind::float32: return add_real<float>(column);
    case TypeKind::float64: return add_real<double>(column);
    case TypeKind::decimal:
      open_ = column.type.scale == 0;
      return open_ ? add_wide(column) : void();
    default: open_ = false;
  }
}

void IdWatch::add(const Column& column) {
  if (!open_) return;
  rows_ += column.length;
  missing_ += column.null_count;
  if (column.type.kind == TypeKind::text) return add_texts(column);
  add_numbers(column);
}

double IdWatch::own_share() const {
  return sketch_.rows() == 0
             ? 0
             : static_cast<double>(sketch_.values()) / static_cast<double>(sketch_.rows());
}

/// The birthday problem: n of R numbers drawn evenly repeat about n^2 / 2R times, and drawn in any
/// other way more often.
bool IdWatch::would_repeat() const {
  const auto n = static_cast<double>(rows_ - missing_);
  const double by_chance = n * n / (2 * (high_ - low_ + 1));
  const double repeats = n * (1 - own_share());
  return by_chance >= kLeastByChance + 10 * repeats;
}

bool IdWatch::is_like_id(std::string_view name) const {
  const auto rows = static_cast<double>(rows_);
  if (!open_ || rows_ < kLeastRows || static_cast<double>(rows_ - missing_) < kNearlyAll * rows)
    return false;
  return own_share() >= kNearlyAll && (text_ || is_named_like_id(name) || would_repeat());
}

}  // namespace quern::runtime
