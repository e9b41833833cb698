// Rows compared by their bytes.

#include "runtime/fit/constant_watch.h"

#include <cmath>
#include <cstring>
#include <string_view>

#include "base/format.h"

namespace quern::runtime {
namespace {

constexpr std::size_t kMostShown = 40;

bool is_wide(const Column& column) {
  return is_bytes(column.type.kind) || column.type.kind == TypeKind::list;
}

/// Lists are told apart by their elements' bytes where these have some for each element.
bool has_bytes(const Column& column) {
  if (column.type.kind != TypeKind::list) return true;
  return column.elements->null_count == 0 && value_width(column.elements->type.kind) > 0;
}

std::string_view bytes_of(const Column& column, std::int64_t row) {
  if (is_bytes(column.type.kind)) return column.text(row);
  const bool list = column.type.kind == TypeKind::list;
  const auto& values = list ? column.elements->values : column.values;
  const auto width = value_width(list ? column.elements->type.kind : column.type.kind);
  const auto first = static_cast<std::size_t>(list ? column.offset(row) : row);
  const auto count = static_cast<std::size_t>(list ? column.list_size(row) : 1);
  return {reinterpret_cast<const char*>(values.data()) + first * width, count * width};
}

bool is_nan(const Column& column) {
  if (column.type.kind == TypeKind::float32) return std::isnan(column.as<float>()[0]);
  return column.type.kind == TypeKind::float64 && std::isnan(column.as<double>()[0]);
}

std::string shown(const Column& column) {
  auto text = format_value(column, 0);
  if (text.size() > kMostShown) text = text.substr(0, kMostShown) + "...";
  return column.type.kind == TypeKind::text ? "'" + text + "'" : text;
}

}  // namespace

bool ConstantWatch::is_all(const Column& column) const {
  if (column.type.kind == TypeKind::boolean) {
    for (std::int64_t r = 0; r < column.length; ++r) {
      if (column.boolean(r) != (first_[0] != 0)) return false;
    }
    return true;
  }
  if (is_wide(column)) {
    for (std::int64_t r = 0; r < column.length; ++r) {
      if (bytes_of(column, r) != first_) return false;
    }
    return true;
  }
  // The first row is the one, and each row is the one behind it.
  const auto width = value_width(column.type.kind);
  const auto rest = static_cast<std::size_t>(column.length - 1) * width;
  return bytes_of(column, 0) == first_ &&
         std::memcmp(column.values.data(), column.values.data() + width, rest) == 0;
}

void ConstantWatch::add(const Column& column) {
  if (!open_ || column.length == 0) return;
  open_ = column.null_count == 0 && has_bytes(column) && !is_nan(column);
  if (!open_) return;
  if (!any_) {
    any_ = true;
    first_ = column.type.kind == TypeKind::boolean ? std::string(1, column.boolean(0) ? '\1' : '\0')
                                                   : std::string(bytes_of(column, 0));
    shown_ = shown(column);
  }
  open_ = is_all(column);
}

}  // namespace quern::runtime
