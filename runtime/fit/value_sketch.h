#pragma once
// How often the values of a column repeat, from a few of its values.

#include <cstdint>
#include <vector>

namespace quern::runtime {

/// Keeps the values with the least hashes and counts the rows of each. Which values these are
/// depends on the values alone, so that any order of the rows gives the same answer. Rule: the
/// k minimum values of Bar-Yossef and others (2002), with their counts. Memory: 4 KiB.
class ValueSketch {
 public:
  static constexpr std::size_t kKept = 256;

  /// \param hash  of the row's value, even over all 64 bits.
  void add(std::uint64_t hash) {
    if (values_.size() < kKept || hash <= values_.back().hash) insert(hash);
  }

  /// Rows of the values that are kept, and how many values these are.
  std::int64_t rows() const { return rows_; }
  std::int64_t values() const { return static_cast<std::int64_t>(values_.size()); }
  /// The kept values come twice on average: no further row makes nearly all values differ.
  bool repeats() const { return rows_ >= 2 * static_cast<std::int64_t>(kKept); }

 private:
  struct Value {
    std::uint64_t hash;
    std::int64_t rows;
  };
  void insert(std::uint64_t hash);

  std::vector<Value> values_;  ///< by rising hashes
  std::int64_t rows_ = 0;
};

}  // namespace quern::runtime
