#pragma once
// Labels that are vectors, read from lists or from text like "1, 2.5, 3", and what of them is none.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/ir/objectives.h"

namespace quern::runtime {

/// Reads one column batch by batch and counts what does not fit. Not thread-safe.
class LabelVectors {
 public:
  /// \param width  numbers that each label must have. \param domain  of each of them.
  LabelVectors(std::int32_t width, ir::LabelDomain domain);

  /// The numbers of all rows, row-major [rows, width], which stand until the next call; rows that
  /// do not fit are zeros.
  std::span<const double> read(const Column& column);

  /// What did not fit, each with its first row. \param label  "label y", "label y of the query's
  /// rows". Errors: label_null, list_length, bad_vector_text, label_not_finite, label_domain.
  Diagnostics check(const std::string& label, const std::string& null_hint) const;

  /// All rows had the same vector.
  bool is_constant() const { return constant_; }
  std::int32_t width() const { return static_cast<std::int32_t>(width_); }

 private:
  /// Rows of one fault.
  struct Fault {
    std::int64_t rows = 0;
    std::int64_t first = 0;  ///< from 1
    std::string shown = {};
    void add(std::int64_t row, std::string what);
  };
  bool read_list(const Column& column, std::int64_t row);
  bool read_text(std::string_view text);
  bool are_good(const std::string& shown);
  void compare(std::span<const double> label);

  std::size_t width_;
  ir::LabelDomain domain_;
  std::int64_t row_ = 0;  ///< of all batches, from 1
  std::vector<double> numbers_, elements_, values_, first_;
  bool constant_ = true;
  Fault null_, null_entry_, length_, text_, not_finite_, outside_;
};

}  // namespace quern::runtime
