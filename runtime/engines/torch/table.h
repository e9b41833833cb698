#pragma once
// Weights that are looked up by key, and what is learned of them: only rows that a batch had
// change.

#include <cstdint>
#include <vector>

#include "runtime/engines/torch/layout.h"
#include "runtime/engines/torch/update_rule.h"

namespace quern::runtime::training {

/// For each position of a batch, the keys it looks up and what each counts.
struct Entries {
  std::vector<std::int64_t> offsets = {0};
  std::vector<std::uint32_t> keys;
  std::vector<float> factors;

  void clear() {
    offsets.resize(1);
    keys.clear();
    factors.clear();
  }
  void add(std::uint32_t key, float factor) {
    keys.push_back(key);
    factors.push_back(factor);
  }
  void end() { offsets.push_back(static_cast<std::int64_t>(keys.size())); }
};

/// Threads: one at a time.
class Table {
 public:
  explicit Table(const TableShape& shape);

  std::vector<float>& values() { return values_; }
  const std::vector<float>& values() const { return values_; }
  /// Before the first step. \param whole  a step changes all rows, those without a derivative too
  void begin(const UpdateRule& rule, bool whole);

  /// Adds the rows of each position's keys, times their factors, to position p's floats at
  /// out[p * stride]. Keys are below the table's rows.
  void look_up(const Entries& entries, float* out, std::int64_t stride) const;
  /// Collects the derivatives by the table's rows from those by what look_up() gave.
  void collect(const Entries& entries, const float* slopes, std::int64_t stride);

  /// The derivatives that were collected.
  std::vector<float>& gradient() { return gradient_; }
  /// Calls `take(weights, gradient, states, count)` for each run of weights that a step changes.
  template <typename Take>
  void each_run(Take take) {
    if (whole_) {
      take_run(take, 0, 0, static_cast<std::int64_t>(values_.size()));
      return;
    }
    for (std::size_t i = 0; i < touched_.size(); ++i) {
      take_run(take, static_cast<std::int64_t>(touched_[i]) * width_,
               static_cast<std::int64_t>(i) * width_, width_);
    }
  }
  /// Forgets the derivatives, for the next batch.
  void forget();

 private:
  template <typename Take>
  void take_run(Take& take, std::int64_t weight, std::int64_t slope, std::int64_t count) {
    for (std::size_t s = 0; s < states_.size(); ++s) run_[s] = states_[s].data() + weight;
    take(values_.data() + weight, gradient_.data() + slope, run_.data(), count);
  }
  /// The derivatives by a row, zeros where it has none yet.
  float* slopes_of(std::uint32_t key);

  std::int32_t width_;
  bool whole_ = false;
  std::vector<float> values_;
  std::vector<std::vector<float>> states_;
  std::vector<float*> run_;           ///< the states of one run
  std::vector<std::int32_t> places_;  ///< of a row in touched_; -1: it is not there
  std::vector<std::uint32_t> touched_;
  std::vector<float> gradient_;  ///< of the rows in touched_; where whole_, of all
};

}  // namespace quern::runtime::training
