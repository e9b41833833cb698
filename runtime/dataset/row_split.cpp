// Canonical values to hashes, column by column.

#include "runtime/dataset/row_split.h"

#include <bit>
#include <cmath>
#include <cstdio>

#include "base/calendar.h"
#include "codegen/interpret/features.h"

namespace quern::runtime {
namespace {

constexpr std::uint64_t kNull = 0x6E756C6CULL;
constexpr std::uint64_t kNaN = 0x7FF8000000000000ULL;

std::uint64_t canonical(double value) {
  if (std::isnan(value)) return kNaN;
  return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);  // -0 is 0
}

/// SQL's CHAR(n) pads with blanks where other types and databases do not.
std::string_view without_padding(std::string_view text) {
  const auto last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string iso_date(std::int64_t days) {
  const auto date = civil_date(days);
  char out[48];
  std::snprintf(out, sizeof out, "%04lld-%02d-%02d", static_cast<long long>(date.year), date.month,
                date.day);
  return out;
}

/// \param nanos  nanoseconds beyond the microseconds; told only where there are any.
std::string iso_time(std::int64_t micros, std::int64_t nanos = 0) {
  const auto seconds = micros / 1000000;
  char out[40];
  std::snprintf(out, sizeof out, "%02d:%02d:%02d.%06d", static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
                static_cast<int>(micros % 1000000));
  if (nanos == 0) return out;
  char rest[16];
  std::snprintf(rest, sizeof rest, "%03d", static_cast<int>(nanos));
  return std::string(out) + rest;
}

std::string iso_timestamp(std::int64_t micros, std::int64_t nanos = 0) {
  constexpr std::int64_t kDay = 86400000000;
  return iso_date(floor_div(micros, kDay)) + "T" + iso_time(floor_rest(micros, kDay), nanos) + "Z";
}

std::string iso_text(const Column& column, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  if (column.type.kind == TypeKind::date) return iso_date(column.as<std::int32_t>()[at]);
  const auto value = column.as<std::int64_t>()[at];
  switch (column.type.kind) {
    case TypeKind::time: return iso_time(value);
    case TypeKind::timestamp_ns:
      return iso_timestamp(floor_div(value, 1000), floor_rest(value, 1000));
    default: return iso_timestamp(value);
  }
}

bool is_moment(TypeKind kind) {
  return kind == TypeKind::date || kind == TypeKind::time || kind == TypeKind::timestamp ||
         kind == TypeKind::timestamp_ns || kind == TypeKind::timestamp_tz;
}

void fold_numbers(const Column& column, std::vector<double>& scratch,
                  std::vector<std::uint64_t>& hashes) {
  scratch.resize(hashes.size());
  codegen::numbers_to_double(column, scratch.data());
  for (std::size_t r = 0; r < hashes.size(); ++r) {
    const bool null = column.is_null(static_cast<std::int64_t>(r));
    hashes[r] = fold_hash(hashes[r], null ? kNull : canonical(scratch[r]));
  }
}

void fold_texts(const Column& column, std::vector<std::uint64_t>& hashes) {
  const bool moment = is_moment(column.type.kind);
  for (std::int64_t r = 0; r < column.length; ++r) {
    auto& h = hashes[static_cast<std::size_t>(r)];
    if (column.is_null(r)) {
      h = fold_hash(h, kNull);
    } else {
      h = fold_hash(h,
                    moment ? fnv1a(iso_text(column, r)) : fnv1a(without_padding(column.text(r))));
    }
  }
}

/// A list counts as its length and then its elements; a NULL one as NULL.
void fold_lists(const Column& column, std::vector<double>& scratch,
                std::vector<std::uint64_t>& hashes) {
  const auto& elements = *column.elements;
  scratch.resize(static_cast<std::size_t>(elements.length));
  codegen::numbers_to_double(elements, scratch.data());
  for (std::int64_t r = 0; r < column.length; ++r) {
    auto& h = hashes[static_cast<std::size_t>(r)];
    if (column.is_null(r)) {
      h = fold_hash(h, kNull);
      continue;
    }
    h = fold_hash(h, static_cast<std::uint64_t>(column.list_size(r)));
    for (auto i = column.offset(r); i < column.offset(r + 1); ++i) {
      const double value = scratch[static_cast<std::size_t>(i)];
      h = fold_hash(h, elements.is_null(i) ? kNull : canonical(value));
    }
  }
}

bool is_numeric(TypeKind kind) {
  return is_number(kind) || kind == TypeKind::boolean || kind == TypeKind::interval;
}

}  // namespace

RowHasher::RowHasher(std::vector<std::size_t> columns, std::int64_t seed)
    : columns_(std::move(columns)), seed_(fold_hash(kFnvBasis, static_cast<std::uint64_t>(seed))) {}

const std::vector<std::uint64_t>& RowHasher::hash(const ColumnBatch& batch) {
  hashes_.assign(static_cast<std::size_t>(batch.rows), seed_);
  for (const auto c : columns_) {
    const auto& column = batch.columns[c];
    if (column.type.kind == TypeKind::list)
      fold_lists(column, numbers_, hashes_);
    else if (is_numeric(column.type.kind))
      fold_numbers(column, numbers_, hashes_);
    else
      fold_texts(column, hashes_);
  }
  return hashes_;
}

std::size_t Repeats::slot_of(std::uint64_t hash) const {
  const auto mask = hashes_.size() - 1;
  auto at = static_cast<std::size_t>(hash) & mask;
  while (hashes_[at] != 0 && hashes_[at] != hash) at = (at + 1) & mask;
  return at;
}

void Repeats::grow() {
  Repeats larger;
  larger.hashes_.assign(hashes_.size() * 2, 0);
  larger.counts_.assign(counts_.size() * 2, 0);
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    if (hashes_[i] == 0) continue;
    const auto to = larger.slot_of(hashes_[i]);
    larger.hashes_[to] = hashes_[i];
    larger.counts_[to] = counts_[i];
  }
  hashes_ = std::move(larger.hashes_);
  counts_ = std::move(larger.counts_);
}

std::uint32_t Repeats::count(std::uint64_t hash) {
  if (hash == 0) hash = 1;
  auto at = slot_of(hash);
  if (hashes_[at] == 0) {
    if (++used_ * 4 > hashes_.size() * 3) {
      grow();
      at = slot_of(hash);
    }
    hashes_[at] = hash;
  }
  return counts_[at]++;
}

RowDraw::RowDraw(std::vector<std::size_t> columns, std::int64_t seed, bool keyed)
    : hasher_(std::move(columns), seed), keyed_(keyed) {}

void RowDraw::draw(const ColumnBatch& batch, std::uint64_t* out) {
  const auto& hashes = hasher_.hash(batch);
  for (std::size_t r = 0; r < hashes.size(); ++r)
    out[r] = keyed_ ? hashes[r] : fold_hash(hashes[r], repeats_.count(hashes[r]));
}

}  // namespace quern::runtime
