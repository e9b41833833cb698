// Appending values in the Arrow layout.

#include "base/column_builder.h"

#include <cstring>

namespace quern {
namespace {

bool has_offsets(TypeKind kind) { return is_bytes(kind) || kind == TypeKind::list; }

void append_bit(std::vector<std::uint8_t>& bits, std::int64_t at, bool value) {
  if ((at & 7) == 0) bits.push_back(0);
  if (value) bits.back() = static_cast<std::uint8_t>(bits.back() | (1U << (at & 7)));
}

}  // namespace

ColumnBuilder::ColumnBuilder(ColumnType type) : type_(std::move(type)) {
  if (has_offsets(type_.kind)) offsets_.push_back(0);
  if (type_.kind == TypeKind::list) elements_.emplace_back(*type_.element);
}

void ColumnBuilder::append_validity(bool valid) {
  append_bit(validity_, length_, valid);
  ++length_;
  if (!valid) ++null_count_;
}

void ColumnBuilder::append_bytes(const void* data, std::size_t size) {
  const auto* p = static_cast<const std::uint8_t*>(data);
  values_.insert(values_.end(), p, p + size);
}

std::int32_t ColumnBuilder::end_of_row() const {
  const bool list = type_.kind == TypeKind::list;
  return static_cast<std::int32_t>(list ? elements_.front().length()
                                        : static_cast<std::int64_t>(values_.size()));
}

void ColumnBuilder::append_null() {
  if (type_.kind == TypeKind::boolean) append_bit(values_, length_, false);
  values_.resize(values_.size() + value_width(type_.kind));
  if (has_offsets(type_.kind)) offsets_.push_back(end_of_row());
  append_validity(false);
}

void ColumnBuilder::append_bool(bool value) {
  append_bit(values_, length_, value);
  append_validity(true);
}

void ColumnBuilder::append_int(std::int64_t value) {
  append_bytes(&value, value_width(type_.kind));  // little endian: the low bytes come first
  append_validity(true);
}

void ColumnBuilder::append_double(double value) {
  if (type_.kind == TypeKind::float32) {
    const auto narrow = static_cast<float>(value);
    append_bytes(&narrow, sizeof narrow);
  } else {
    append_bytes(&value, sizeof value);
  }
  append_validity(true);
}

void ColumnBuilder::append_decimal(__int128 value) {
  append_bytes(&value, sizeof value);
  append_validity(true);
}

void ColumnBuilder::append_text(std::string_view value) {
  append_bytes(value.data(), value.size());
  offsets_.push_back(end_of_row());
  append_validity(true);
}

void ColumnBuilder::append_interval(const Interval& value) {
  append_bytes(&value, sizeof value);
  append_validity(true);
}

void ColumnBuilder::end_list() {
  offsets_.push_back(end_of_row());
  append_validity(true);
}

void ColumnBuilder::append_list(const Column& source, std::int64_t row) {
  for (auto i = source.offset(row); i < source.offset(row + 1); ++i)
    elements().append_from(*source.elements, i);
  end_list();
}

void ColumnBuilder::append_from(const Column& source, std::int64_t row) {
  if (source.is_null(row)) return append_null();
  if (is_bytes(type_.kind)) return append_text(source.text(row));
  if (type_.kind == TypeKind::list) return append_list(source, row);
  if (type_.kind == TypeKind::boolean) return append_bool(source.boolean(row));
  const auto width = value_width(type_.kind);
  append_bytes(source.values.data() + static_cast<std::size_t>(row) * width, width);
  append_validity(true);
}

Column ColumnBuilder::finish() {
  Column column{.type = type_, .length = length_, .null_count = null_count_};
  if (null_count_ > 0) column.validity = Buffer::own(std::move(validity_));
  column.values = Buffer::own(std::move(values_));
  if (has_offsets(type_.kind)) column.offsets = Buffer::own(std::move(offsets_));
  if (type_.kind == TypeKind::list)
    column.elements = std::make_shared<const Column>(elements().finish());
  *this = ColumnBuilder(type_);
  return column;
}

}  // namespace quern
