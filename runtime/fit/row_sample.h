#pragma once
// Some of the rows in the pages, for what needs no more.

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/dataset/pages.h"

namespace quern::runtime {

/// All rows up to kMost; of more, as many in short runs spread evenly over them, so that a page in
/// a file is not read as a whole. Which rows these are depends on their number alone. Reads the
/// pages as they are at each call.
class RowSample {
 public:
  static constexpr std::int64_t kMost = 10000;
  static constexpr std::size_t kMostEntries = 1 << 20;  ///< 12 MiB

  /// `pages` must outlive it. Errors of this and of what reads: those of PageStore::next().
  static Result<RowSample> of(PageStore& pages);

  const std::vector<float>& labels() const { return labels_; }

  /// The values of features [first, first + count), hidden ones too, one feature behind the other.
  Result<std::vector<float>> features(std::size_t first, std::size_t count) const;

  /// Rows behind one another.
  struct Run {
    std::int64_t first;
    std::int64_t rows;
  };

  /// An entry of a group of sparse features.
  struct Entry {
    std::uint32_t key;
    std::uint32_t row;  ///< of the sample
    float value;
  };
  /// The entries of each of the first `groups` groups, by key and then by row; of a group with more
  /// than kMostEntries none.
  Result<std::vector<std::vector<Entry>>> entries(std::size_t groups) const;

 private:
  /// Calls `take(page, first row in it, rows, place in the sample)` on each run.
  template <typename Take>
  Result<void> each_run(Take take) const;

  explicit RowSample(PageStore& pages) : pages_(&pages) {}

  PageStore* pages_;
  std::vector<Run> runs_;  ///< by rising rows; none crosses another
  std::vector<float> labels_;
};

}  // namespace quern::runtime
