// Classes by value.

#include "runtime/fit/label_encoder.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace quern::runtime {
namespace {

double as_number(const Scalar& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}

}  // namespace

LabelEncoder::LabelEncoder(const ir::Label& label, LabelSource source)
    : label_(label), source_(std::move(source)) {
  if (label.is_vector()) vectors_.emplace(label.width(), source_.domain);
  for (std::uint32_t i = 0; i < label.classes.size(); ++i) {
    const auto& value = label.classes[i];
    if (const auto* text = std::get_if<std::string>(&value)) {
      texts_.emplace(*text, i);
    } else {
      numbers_.emplace(as_number(value), i);
    }
  }
}

std::size_t LabelEncoder::width() const { return static_cast<std::size_t>(label_.width()); }

void LabelEncoder::add(const Column& column, double* out) {
  if (vectors_) {
    const auto numbers = vectors_->read(column);
    std::copy(numbers.begin(), numbers.end(), out);
    return;
  }
  nulls_ += column.null_count;
  column.type.kind == TypeKind::text ? add_texts(column, out) : add_numbers(column, out);
}

void LabelEncoder::unseen(std::string value) {
  if (unseen_++ == 0) first_unseen_ = std::move(value);
}

void LabelEncoder::add_texts(const Column& column, double* out) {
  for (std::int64_t i = 0; i < column.length; ++i) {
    out[i] = 0;
    if (column.is_null(i)) continue;
    const auto found = texts_.find(column.text(i));
    if (found == texts_.end()) unseen(std::string(column.text(i)));
    if (found != texts_.end()) out[i] = found->second;
  }
}

void LabelEncoder::add_numbers(const Column& column, double* out) {
  std::vector<double> values(static_cast<std::size_t>(column.length));
  codegen::numbers_to_double(column, values.data());
  for (std::int64_t i = 0; i < column.length; ++i) {
    out[i] = column.is_null(i) ? 0 : encode(values[static_cast<std::size_t>(i)]);
  }
}

std::string LabelEncoder::class_text(double value) const {
  auto text = format_double(value);
  if (is_integer(label_.type.kind) && text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

double LabelEncoder::encode(double value) {
  if (!std::isfinite(static_cast<float>(value))) {
    ++not_finite_;
    return 0;
  }
  if (label_.task == ir::Task::regression) {
    outside_ += ir::in_domain(source_.domain, value) ? 0 : 1;
    return value;
  }
  const auto found = numbers_.find(value);
  if (found == numbers_.end()) unseen(class_text(value));
  return found == numbers_.end() ? 0 : found->second;
}

Diagnostics LabelEncoder::check() const {
  const auto subject = "label " + source_.column + " of " + source_.rows;
  if (vectors_) return vectors_->check(subject, source_.null_hint);
  Diagnostics errors;
  const auto add = [&](Code code, const std::string& what, std::int64_t rows,
                       std::string hint = {}) {
    if (rows == 0) return;
    errors.push_back({code, subject + " " + what + " in " + counted(rows, "row"),
                      SourceSpan::none(), std::move(hint)});
  };
  add(Code::label_null, "is NULL", nulls_, source_.null_hint);
  add(Code::label_not_finite, "is not a finite float32", not_finite_);
  add(Code::label_domain, "is outside " + std::string(ir::domain_words(source_.domain)), outside_);
  add(Code::class_unseen,
      "is a class that the training rows do not have, first " + first_unseen_ + ",", unseen_,
      source_.unseen_hint);
  return errors;
}

LabelSource query_labels(const std::string& column) {
  return {.column = column,
          .rows = "the query's rows",
          .null_hint = "leave such rows out: `WHERE " + column + " IS NOT NULL`",
          .unseen_hint = "leave such rows out, or train a model with that class"};
}

}  // namespace quern::runtime
