#pragma once
// Which rows are kept apart. A split that is drawn looks at the rows' values alone, so that any
// order of the same rows gives the same split.

#include <cstdint>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/diagnostic.h"
#include "base/hash.h"
#include "runtime/dataset/pages.h"

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

/// Draws a number for each row, by its values alone.
class RowDraw {
 public:
  /// \param keyed  the columns are a key whose rows stay together; else equal rows are told apart
  /// by their number, so that many copies of a row are divided like any others.
  RowDraw(std::vector<std::size_t> columns, std::int64_t seed, bool keyed);

  /// One a row, even over all 64 bits; `out` has batch.rows elements.
  void draw(const ColumnBatch& batch, std::uint64_t* out);

 private:
  RowHasher hasher_;
  Repeats repeats_;
  bool keyed_;
};

/// Marks rows whose draw lies in the first `eval` of all numbers 1, in the `test` behind them 2,
/// others 0.
void mark_by_draw(const std::uint64_t* draws, std::int64_t rows, double eval, double test,
                  std::uint8_t* marks);

/// Divides rows by the rank of their draw among those of their class, so that each part has its
/// exact share of each, rounded.
/// \param classes  labels are the numbers of so many; 1: of one, whatever the labels are.
/// \param ends     shares of all rows at which parts end, ascending; the last part has the rest.
/// \param marks    of the parts: one more than `ends`.
/// \return rows of each class.
std::vector<std::int64_t> mark_by_rank(PageStore& pages, std::size_t classes,
                                       const std::vector<double>& ends,
                                       const std::vector<std::uint8_t>& marks);

/// Reads marks from a column: FALSE, 0 or 'train'; TRUE, 1, 'eval' or 'validation'; 2 or 'test'.
class SplitColumn {
 public:
  SplitColumn(std::size_t column, std::string name) : column_(column), name_(std::move(name)) {}

  void add(const ColumnBatch& batch, std::uint8_t* marks);
  /// Values that are none of those. Errors: split_value, at `span`.
  void check(SourceSpan span, Diagnostics& errors) const;

 private:
  void add_text(const Column& column, std::uint8_t* marks);
  void refuse(const std::string& value);

  std::size_t column_;
  std::string name_;
  std::int64_t bad_ = 0;
  std::string first_bad_;
};

}  // namespace quern::runtime
