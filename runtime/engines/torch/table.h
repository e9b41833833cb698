#pragma once
// Weights that are looked up by key, and what is learned of them: only rows that a batch had change.

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
  std::int32_t width() const { return width_; }
  void keep_states(const UpdateRule& rule);

  /// Adds the rows of each position's keys, times their factors, to position p's floats at
  /// out[p * stride]. Keys are below the table's rows.
  void look_up(const Entries& entries, float* out, std::int64_t stride) const;
  /// Collects the derivatives by the table's rows from those by what look_up() gave.
  void collect(const Entries& entries, const float* slopes, std::int64_t stride);

  /// The rows that were collected for, and their derivatives [rows, width].
  const std::vector<std::uint32_t>& touched() const { return touched_; }
  std::vector<float>& gradient() { return gradient_; }
  float* row(std::uint32_t key) { return values_.data() + static_cast<std::int64_t>(key) * width_; }
  /// Changes those rows by their derivatives and forgets these.
  void update(const UpdateRule& rule);
  void forget();

 private:
  std::int32_t width_;
  std::vector<float> values_;
  std::vector<std::vector<float>> states_;
  std::vector<std::int32_t> places_;  ///< of a row in touched_; -1: it is not there
  std::vector<std::uint32_t> touched_;
  std::vector<float> gradient_;
};

}  // namespace quern::runtime::training
