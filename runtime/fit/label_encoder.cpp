// Classes by value.

#include "runtime/fit/label_encoder.h"

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

LabelEncoder::LabelEncoder(const ir::Label& label, const ir::Objective& objective)
    : label_(label), objective_(objective) {
  for (std::uint32_t i = 0; i < label.classes.size(); ++i) {
    const auto& value = label.classes[i];
    if (const auto* text = std::get_if<std::string>(&value)) {
      texts_.emplace(*text, i);
    } else {
      numbers_.emplace(as_number(value), i);
    }
  }
}

void LabelEncoder::add(const Column& column, float* out) {
  nulls_ += column.null_count;
  column.type.kind == TypeKind::text ? add_texts(column, out) : add_numbers(column, out);
}

void LabelEncoder::unseen(std::string value) {
  if (unseen_++ == 0) first_unseen_ = std::move(value);
}

void LabelEncoder::add_texts(const Column& column, float* out) {
  for (std::int64_t i = 0; i < column.length; ++i) {
    out[i] = 0;
    if (column.is_null(i)) continue;
    const auto found = texts_.find(column.text(i));
    if (found == texts_.end()) unseen(std::string(column.text(i)));
    if (found != texts_.end()) out[i] = static_cast<float>(found->second);
  }
}

void LabelEncoder::add_numbers(const Column& column, float* out) {
  std::vector<double> values(static_cast<std::size_t>(column.length));
  codegen::numbers_to_double(column, values.data());
  for (std::int64_t i = 0; i < column.length; ++i) {
    out[i] = column.is_null(i) ? 0 : encode(values[static_cast<std::size_t>(i)]);
  }
}

float LabelEncoder::encode(double value) {
  const auto narrow = static_cast<float>(value);
  if (!std::isfinite(narrow)) {
    ++not_finite_;
    return 0;
  }
  if (label_.task == ir::Task::regression) {
    outside_ += ir::in_domain(objective_.domain, value) ? 0 : 1;
    return narrow;
  }
  const auto found = numbers_.find(value);
  if (found == numbers_.end()) unseen(format_double(value));
  return found == numbers_.end() ? 0.0F : static_cast<float>(found->second);
}

Diagnostics LabelEncoder::check() const {
  Diagnostics errors;
  const auto add = [&](Code code, const std::string& what, std::int64_t rows,
                       std::string hint = {}) {
    if (rows == 0) return;
    errors.push_back({code,
                      "label " + label_.column + " of the validation rows " + what + " in " +
                          counted(rows, "row"),
                      SourceSpan::none(), std::move(hint)});
  };
  add(Code::label_null, "is NULL", nulls_,
      "add `WHERE " + label_.column + " IS NOT NULL` to validation.select");
  add(Code::label_not_finite, "is not a finite float32", not_finite_);
  add(Code::label_domain, "is outside " + std::string(ir::domain_words(objective_.domain)),
      outside_);
  add(Code::class_unseen,
      "is a class that the training rows do not have, first " + first_unseen_ + ",", unseen_,
      "select rows of every class for training");
  return errors;
}

}  // namespace quern::runtime
