// Truth beside prediction.

#include "runtime/metrics/scored_rows.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace quern::runtime {
namespace {

constexpr std::uint32_t kUnknown = UINT32_MAX;

double number_of(const Scalar& value) {
  if (const auto* v = std::get_if<bool>(&value)) return *v ? 1 : 0;
  if (const auto* v = std::get_if<std::int64_t>(&value)) return static_cast<double>(*v);
  return std::get<double>(value);
}

}  // namespace

ScoredRows::ScoredRows(const ir::Label& label) : label_(label) {
  for (std::uint32_t i = 0; i < label.classes.size(); ++i) {
    const auto& value = label.classes[i];
    if (const auto* text = std::get_if<std::string>(&value)) {
      texts_.emplace(*text, i);
    } else {
      values_.emplace(number_of(value), i);
    }
  }
}

std::uint32_t ScoredRows::class_of(const Column& truth, std::int64_t row, double number) const {
  if (!texts_.empty()) {
    const auto found = texts_.find(truth.text(row));
    return found == texts_.end() ? kUnknown : found->second;
  }
  const auto found = values_.find(number);
  return found == values_.end() ? kUnknown : found->second;
}

void ScoredRows::add_truth(const Column& truth) {
  std::vector<double> numbers(static_cast<std::size_t>(truth.length));
  if (truth.type.kind != TypeKind::text) codegen::numbers_to_double(truth, numbers.data());
  nulls_ += truth.null_count;
  for (std::int64_t row = 0; row < truth.length; ++row) {
    const double number = numbers[static_cast<std::size_t>(row)];
    if (label_.task == ir::Task::regression) {
      if (!truth.is_null(row) && !std::isfinite(number)) ++not_finite_;
      numbers_.push_back(number);
      continue;
    }
    const auto c = truth.is_null(row) ? 0 : class_of(truth, row, number);
    if (c == kUnknown && unknown_++ == 0) first_unknown_ = format_value(truth, row);
    classes_.push_back(c);
  }
}

void ScoredRows::add_predictions(const std::vector<float>& predictions, std::int64_t rows,
                                 std::int32_t outputs, double cut) {
  predictions_.insert(predictions_.end(), predictions.begin(), predictions.end());
  if (label_.task == ir::Task::regression) return;
  const auto width = static_cast<std::size_t>(outputs);
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
    const auto* row = predictions.data() + r * width;
    const auto best = width == 1
                          ? static_cast<std::uint32_t>(static_cast<double>(*row) > cut)
                          : static_cast<std::uint32_t>(std::max_element(row, row + width) - row);
    predicted_.push_back(best);
  }
}

void ScoredRows::add(const Column& truth, const std::vector<float>& predictions,
                     std::int32_t outputs, double cut) {
  add_truth(truth);
  add_predictions(predictions, truth.length, outputs, cut);
  rows_ += truth.length;
}

Result<void> ScoredRows::check() const {
  const auto& name = label_.column;
  if (rows_ == 0) return Diagnostic{Code::no_rows, "the query returned no rows"};
  if (nulls_ > 0) {
    return Diagnostic{Code::label_null, "label " + name + " is NULL in " + counted(nulls_, "row"),
                      SourceSpan::none(), "leave them out in the query with WHERE"};
  }
  if (not_finite_ > 0) {
    return Diagnostic{Code::label_not_finite, "label " + name + " is not a finite number in " +
                                                  counted(not_finite_, "row")};
  }
  if (unknown_ > 0) {
    return Diagnostic{Code::class_unseen,
                      "label " + name + " holds classes that the model was not trained on in " +
                          counted(unknown_, "row") + ", first " + first_unknown_,
                      SourceSpan::none(),
                      "leave them out in the query with WHERE, or train on them"};
  }
  return {};
}

Confusion ScoredRows::confusion() const {
  Confusion out(label_.classes.size());
  for (std::size_t i = 0; i < classes_.size(); ++i) out.add(classes_[i], predicted_[i]);
  return out;
}

}  // namespace quern::runtime
