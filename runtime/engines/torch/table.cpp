// Sums over keys, forwards and backwards, in the order of rows: the same batch gives the same bits.

#include "runtime/engines/torch/table.h"

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

void Table::keep_states(const UpdateRule& rule) {
  states_.clear();
  for (int s = 0; s < rule.states(); ++s) states_.emplace_back(values_.size(), rule.first_state(s));
}

void Table::look_up(const Entries& entries, float* out, std::int64_t stride) const {
  each_entry(entries, [&](std::int64_t position, std::uint32_t key, float factor) {
    const float* from = values_.data() + static_cast<std::int64_t>(key) * width_;
    float* to = out + position * stride;
    for (std::int32_t k = 0; k < width_; ++k) to[k] += factor * from[k];
  });
}

void Table::collect(const Entries& entries, const float* slopes, std::int64_t stride) {
  each_entry(entries, [&](std::int64_t position, std::uint32_t key, float factor) {
    auto& place = places_[key];
    if (place < 0) {
      place = static_cast<std::int32_t>(touched_.size());
      touched_.push_back(key);
      gradient_.resize(gradient_.size() + static_cast<std::size_t>(width_));
    }
    const float* from = slopes + position * stride;
    float* to = gradient_.data() + std::int64_t{place} * width_;
    for (std::int32_t k = 0; k < width_; ++k) to[k] += factor * from[k];
  });
}

void Table::update(const UpdateRule& rule) {
  std::vector<float*> states(states_.size());
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const auto place = static_cast<std::int64_t>(touched_[i]) * width_;
    for (std::size_t s = 0; s < states.size(); ++s) states[s] = states_[s].data() + place;
    rule.update(values_.data() + place, gradient_.data() + static_cast<std::int64_t>(i) * width_,
                states.data(), width_);
  }
  forget();
}

void Table::forget() {
  for (const auto key : touched_) places_[key] = -1;
  touched_.clear();
  gradient_.clear();
}

}  // namespace quern::runtime::training
