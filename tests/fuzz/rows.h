#pragma once
// Rows for programs and models that come out of wild input: every kind of column that they may ask
// for, with values at the ends of its range and texts that are and are not vectors.

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string_view>

#include "base/column_builder.h"
#include "compiler/ir/feature.h"

namespace quern::fuzz {

inline constexpr std::size_t kWaysOfRows = 6;

/// What row 1 of a column holds in each way, by the column's layout.
struct OddValues {
  std::array<std::int64_t, kWaysOfRows> whole = {
      1, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(), 0, -1,
      7};
  std::array<double, kWaysOfRows> real = {1,
                                          1e308,
                                          -1e308,
                                          std::numeric_limits<double>::quiet_NaN(),
                                          std::numeric_limits<double>::infinity(),
                                          0.5};
  std::array<std::string_view, kWaysOfRows> text = {
      "1", "1, 2.5, 3", "3:0.5 1:2,3:1", "", "Every word, every WORD", "-1e400"};
};

inline ColumnType type_of(const ir::Input& input) {
  ColumnType type{.kind = input.kind, .precision = 18, .scale = 2};
  if (input.kind == TypeKind::list)
    type.element = std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::float64});
  return type;
}

inline void append_odd(ColumnBuilder& column, const ir::Input& input, std::size_t way) {
  constexpr std::int32_t kLongList = 64;
  const OddValues odd;
  const auto kind = input.kind;
  const auto whole = odd.whole.at(way);
  if (kind == TypeKind::big_number) return column.append_text(std::to_string(whole));
  if (is_bytes(kind)) return column.append_text(odd.text.at(way));
  if (kind == TypeKind::boolean) return column.append_bool(whole > 0);
  if (kind == TypeKind::decimal) return column.append_decimal(whole);
  if (kind == TypeKind::interval) return column.append_interval({.months = 1, .micros = whole});
  if (kind == TypeKind::float32 || kind == TypeKind::float64)
    return column.append_double(odd.real.at(way));
  if (kind != TypeKind::list) return column.append_int(whole);
  for (std::int32_t i = 0; i < std::min(input.elements, kLongList); ++i)
    column.elements().append_double(odd.real.at(way));
  column.end_list();
}

/// Two rows of a column: NULL, and what the way says. \param way below kWaysOfRows.
inline Column odd_column(const ir::Input& input, std::size_t way) {
  ColumnBuilder column(type_of(input));
  column.append_null();
  append_odd(column, input, way);
  return column.finish();
}

}  // namespace quern::fuzz
