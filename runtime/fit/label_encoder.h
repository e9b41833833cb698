#pragma once
// Labels of rows beyond the training's own, by what training fitted.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/column.h"
#include "base/result.h"
#include "codegen/interpret/features.h"
#include "compiler/ir/manifest.h"
#include "runtime/fit/label_vectors.h"

namespace quern::runtime {

/// Where labels come from: what may be asked of them, and the words of messages.
struct LabelSource {
  std::string column;                             ///< its name in the query
  std::string rows;                               ///< "the validation rows"
  ir::LabelDomain domain = ir::LabelDomain::any;  ///< of numbers
  std::string null_hint = {};
  std::string unseen_hint = {};
};

/// Turns labels into class indices or numbers and counts what does not fit. `label` must outlive
/// it.
class LabelEncoder {
 public:
  LabelEncoder(const ir::Label& label, LabelSource source);

  /// Writes one label a row, of vectors row-major [rows, width()]; rows that do not fit get
  /// anything.
  void add(const Column& column, double* out);
  /// Numbers of a row's label.
  std::size_t width() const;

  /// What did not fit. Errors: label_null, label_not_finite, label_domain, class_unseen, those of
  /// LabelVectors::check().
  Diagnostics check() const;

 private:
  void add_texts(const Column& column, double* out);
  void add_numbers(const Column& column, double* out);
  double encode(double value);
  std::string class_text(double value) const;  ///< in the manner of the label's type
  void unseen(std::string value);

  const ir::Label& label_;
  LabelSource source_;
  std::optional<LabelVectors> vectors_;  ///< where labels are such
  codegen::TextCodes texts_;
  std::unordered_map<double, std::uint32_t> numbers_;
  std::int64_t nulls_ = 0;
  std::int64_t not_finite_ = 0;
  std::int64_t outside_ = 0;
  std::int64_t unseen_ = 0;
  std::string first_unseen_;
};

/// Labels that a stored model is judged by: errors point to the query.
LabelSource query_labels(const std::string& column);

}  // namespace quern::runtime
