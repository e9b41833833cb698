// Sums over keys, forwards and backwards, in the order of rows: the same batch gives the same bits.

#include "runtime/engines/torch/table.h"

#include <algorithm>

namespace quern::runtime::training {
namespace {

/// Calls `take(position, key, factor)` for each entry.
template <typename Take>
void each_entry(const Entries& entries, Take take) {
  const auto positions = static_cast<std::int64_t>(entries.offsets.size()) - 1;
  for (std::int64_t p = 0; p < positions; ++p) {
    const auto begin = static_cast<std::size_t>(entries.offsets[static_cast<std::size_t>(p)]);
    const auto end = static_cast<std::size_t>(entries.offsets[static_cast<std::size_t>(p) + 1]);
    for (auto e = begin; e < end; ++e) take(p, entries.keys[e], entries.factors[e]);
  }
}

}  // namespace

Table::Table(const TableShape& shape)
    : width_(shape.width),
      values_(static_cast<std::size_t>(shape.rows * shape.width)),
      places_(static_cast<std::size_t>(shape.rows), -1) {}

void Table::begin(const UpdateRule& rule, bool whole) {
  whole_ = whole;
  states_.assign(static_cast<std::size_t>(rule.states()), std::vector<float>(values_.size()));
  run_.clear();
  for (auto& state : states_) run_.push_back(state.data());
  rule.begin(values_.data(), run_.data(), static_cast<std::int64_t>(values_.size()));
  if (whole) gradient_.assign(values_.size(), 0);
}

void Table::look_up(const Entries& entries, float* out, std::int64_t stride) const {
  each_entry(entries, [&](std::int64_t position, std::uint32_t key, float factor) {
    const float* from = values_.data() + static_cast<std::int64_t>(key) * width_;
    float* to = out + position * stride;
    for (std::int32_t k = 0; k < width_; ++k) to[k] += factor * from[k];
  });
}

float* Table::slopes_of(std::uint32_t key) {
  if (whole_) return gradient_.data() + static_cast<std::int64_t>(key) * width_;
  auto& place = places_[key];
  if (place < 0) {
    place = static_cast<std::int32_t>(touched_.size());
    touched_.push_back(key);
    gradient_.resize(gradient_.size() + static_cast<std::size_t>(width_));
  }
  return gradient_.data() + std::int64_t{place} * width_;
}

void Table::collect(const Entries& entries, const float* slopes, std::int64_t stride) {
  each_entry(entries, [&](std::int64_t position, std::uint32_t key, float factor) {
    const float* from = slopes + position * stride;
    float* to = slopes_of(key);
    for (std::int32_t k = 0; k < width_; ++k) to[k] += factor * from[k];
  });
}

void Table::forget() {
  if (whole_) {
    std::fill(gradient_.begin(), gradient_.end(), 0.0F);
    return;
  }
  for (const auto key : touched_) places_[key] = -1;
  touched_.clear();
  gradient_.clear();
}

}  // namespace quern::runtime::training
