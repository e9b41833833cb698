#pragma once
// The random split: which rows are kept apart for validation, told by the rows' values alone, so
// that any order of the same rows gives the same split.

#include <cstdint>
#include <vector>

#include "base/column.h"
#include "base/hash.h"

namespace quern::runtime {

/// Hashes the values of some columns of each row, in their canonical form: numbers by double value,
/// booleans as 0 and 1, intervals as their seconds, dates and timestamps as UTC ISO text, text as
/// its bytes without blanks at the end, lists as their length and elements, NULL apart from all.
/// Rule: docs/language.md, "Validation"; never changes, for models name their split.
class RowHasher {
 public:
  RowHasher(std::vector<std::size_t> columns, std::int64_t seed);

  /// One hash a row; good until the next call.
  const std::vector<std::uint64_t>& hash(const ColumnBatch& batch);

 private:
  std::vector<std::size_t> columns_;
  std::uint64_t seed_;
  std::vector<std::uint64_t> hashes_;
  std::vector<double> numbers_;  ///< scratch
};

/// Counts how often a hash came before. 12 bytes a distinct row, at most twice that while it grows.
class Repeats {
 public:
  /// How many equal ones came before this one.
  std::uint32_t count(std::uint64_t hash);

 private:
  std::size_t slot_of(std::uint64_t hash) const;
  void grow();

  std::vector<std::uint64_t> hashes_ =
      std::vector<std::uint64_t>(1024);  ///< open addressing; 0: free
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(1024);
  std::size_t used_ = 0;
};

/// Draws the validation rows.
class RowSplit {
 public:
  /// \param keyed  the columns are a key whose rows stay together; else equal rows are told apart
  /// by their
  ///               number, so that many copies of a row are divided like any others.
  RowSplit(std::vector<std::size_t> columns, std::int64_t seed, double share, bool keyed);

  /// Writes 1 for a row of validation, else 0; `out` has batch.rows elements.
  void assign(const ColumnBatch& batch, std::uint8_t* out);

 private:
  RowHasher hasher_;
  Repeats repeats_;
  double share_;
  bool keyed_;
};

}  // namespace quern::runtime
