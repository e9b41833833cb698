// Row by row: its numbers, or what is wrong with it.

#include "runtime/fit/label_vectors.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "codegen/interpret/features.h"
#include "codegen/interpret/text_vectors.h"

namespace quern::runtime {

LabelVectors::LabelVectors(std::int32_t width, ir::LabelDomain domain)
    : width_(static_cast<std::size_t>(width)), domain_(domain) {}

void LabelVectors::Fault::add(std::int64_t row, std::string what) {
  if (rows++ > 0) return;
  first = row;
  shown = std::move(what);
}

bool LabelVectors::read_list(const Column& column, std::int64_t row) {
  const auto size = column.list_size(row);
  if (std::cmp_not_equal(size, width_)) {
    length_.add(row_, "it has " + std::to_string(size));
    return false;
  }
  values_.clear();
  for (auto i = column.offset(row); i < column.offset(row + 1); ++i) {
    if (column.elements->is_null(i)) {
      null_entry_.add(row_, format_value(column, row));
      return false;
    }
    values_.push_back(elements_[static_cast<std::size_t>(i)]);
  }
  return are_good(format_value(column, row));
}

bool LabelVectors::read_text(std::string_view text) {
  constexpr std::size_t kShown = 60;
  const std::string shown(text.substr(0, kShown));
  values_.clear();
  if (!codegen::parse_numbers(text, "", values_)) {
    text_.add(row_, shown);
    return false;
  }
  if (values_.size() != width_) {
    length_.add(row_, "it has " + std::to_string(values_.size()));
    return false;
  }
  return are_good(shown);
}

bool LabelVectors::are_good(const std::string& shown) {
  for (const double value : values_) {
    const bool finite = std::isfinite(static_cast<float>(value));
    if (finite && ir::in_domain(domain_, value)) continue;
    (finite ? outside_ : not_finite_).add(row_, shown);
    return false;
  }
  return true;
}

void LabelVectors::compare(std::span<const double> label) {
  if (first_.empty()) first_.assign(label.begin(), label.end());
  constant_ = constant_ && std::equal(label.begin(), label.end(), first_.begin());
}

std::span<const double> LabelVectors::read(const Column& column) {
  const bool list = column.type.kind == TypeKind::list;
  if (list) {
    elements_.resize(static_cast<std::size_t>(column.elements->length));
    codegen::numbers_to_double(*column.elements, elements_.data());
  }
  numbers_.assign(static_cast<std::size_t>(column.length) * width_, 0);
  for (std::int64_t r = 0; r < column.length; ++r) {
    ++row_;
    if (column.is_null(r)) {
      null_.add(row_, "");
      continue;
    }
    if (!(list ? read_list(column, r) : read_text(column.text(r)))) continue;
    compare(values_);
    std::copy(
        values_.begin(), values_.end(),
        numbers_.begin() + static_cast<std::ptrdiff_t>(r) * static_cast<std::ptrdiff_t>(width_));
  }
  return numbers_;
}

Diagnostics LabelVectors::check(const std::string& label, const std::string& null_hint) const {
  Diagnostics errors;
  const auto add = [&](Code code, const Fault& fault, const std::string& what,
                       const std::string& hint = {}) {
    if (fault.rows == 0) return;
    errors.push_back({code,
                      label + " " + what + " in " + counted(fault.rows, "row") + ", first in row " +
                          std::to_string(fault.first) +
                          (fault.shown.empty() ? "" : ": " + fault.shown),
                      SourceSpan::none(), hint});
  };
  const auto numbers = counted(width(), "number");
  add(Code::label_null, null_, "is NULL", null_hint);
  add(Code::label_null, null_entry_, "has an entry that is NULL");
  add(Code::list_length, length_, "has not " + numbers);
  add(Code::bad_vector_text, text_, "is no text of numbers such as 1,2.5,3");
  add(Code::label_not_finite, not_finite_, "is not of finite float32");
  add(Code::label_domain, outside_, "is outside " + std::string(ir::domain_words(domain_)));
  return errors;
}

}  // namespace quern::runtime
