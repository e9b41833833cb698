#pragma once
// What the one pass learns of the label: its classes, or that it is a number in the objective's
// domain.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "codegen/interpret/features.h"
#include "compiler/ir/statement.h"
#include "runtime/dataset/pages.h"
#include "runtime/fit/label_vectors.h"

namespace quern::runtime {

/// Most classes a label may have.
inline constexpr std::size_t kMaxClasses = 10000;

/// Writes provisional labels while rows pass, final ones at the end.
class LabelCollector {
 public:
  /// \param statement  has a label.
  explicit LabelCollector(const ir::Train& statement);

  /// Writes one label a row. While classes are possible that is the number of the value in order of
  /// first sight, else the number itself; `pages` holds the earlier rows, which change when the
  /// kind turns out to be a number. Of vectors, number k of row r at labels[k * stride + r].
  /// Errors come at finish(), so that they can count.
  void add(const Column& column, float* labels, std::int64_t stride, PageStore& pages);

  /// Settles the kind, checks the values, and rewrites the pages' labels to class indices.
  /// Appends notes. Errors: label_null, single_class, too_many_classes, label_not_finite,
  /// label_domain, positive_class_unknown, class_count, and those of LabelVectors::check().
  Result<ir::Label> finish(PageStore& pages, Diagnostics& notes);

  /// The objective in force after finish().
  const ir::Objective& objective() const { return *objective_; }
  /// The numbers that the label may hold: those of the objective and of the metrics.
  ir::LabelDomain domain() const { return domain_; }

 private:
  void add_vectors(const Column& column, float* labels, std::int64_t stride);
  Result<ir::Label> finish_vectors() const;
  void add_text(const Column& column, float* labels);
  void add_numbers(const Column& column, float* labels, PageStore& pages);
  float code_of(double value);
  void become_number(PageStore& pages);
  void observe(double value);

  Diagnostic at_label(Code code, std::string message, std::string hint = {}) const;
  Result<void> check_rows(std::int64_t rows) const;
  Result<void> check_numbers() const;
  Result<void> check_classes(std::size_t count) const;
  Scalar as_label(double value) const;
  std::vector<Scalar> seen_classes() const;
  bool is_positive(const Scalar& label_class) const;
  Result<void> move_positive_last(std::vector<std::size_t>& order,
                                  const std::vector<Scalar>& classes) const;
  void note_number(Diagnostics& notes) const;

  const ir::Train& statement_;
  const Field& field_;
  const ir::Objective* objective_;
  ir::LabelDomain domain_;
  std::optional<LabelVectors> vectors_;  ///< where labels are such
  bool classes_;                         ///< labels are provisional codes
  std::int64_t nulls_ = 0;
  std::int64_t not_finite_ = 0;
  std::int64_t inexact_ = 0;
  std::int64_t outside_ = 0;
  double first_outside_ = 0;
  double low_ = 0;
  double high_ = 0;
  bool any_ = false;
  bool too_many_ = false;
  std::vector<std::string> texts_;  ///< text classes by code
  std::vector<double> numbers_;     ///< other classes by code
  codegen::TextCodes text_codes_;
  std::unordered_map<double, std::uint32_t> number_codes_;
};

}  // namespace quern::runtime
