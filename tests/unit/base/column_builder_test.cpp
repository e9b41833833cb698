// Appending values in the Arrow layout: base/column_builder.

#include <catch2/catch.hpp>

#include "base/column_builder.h"
#include "base/format.h"

using namespace quern;

TEST_CASE("bits of booleans and validity cross byte boundaries") {
  ColumnBuilder builder({.kind = TypeKind::boolean});
  for (int i = 0; i < 19; ++i) {
    if (i % 5 == 0) {
      builder.append_null();
    } else {
      builder.append_bool(i % 3 == 0);
    }
  }
  const auto column = builder.finish();
  CHECK(column.length == 19);
  CHECK(column.null_count == 4);
  CHECK(column.values.size() == 3);
  CHECK(column.validity.size() == 3);
  for (int i = 0; i < 19; ++i) {
    CHECK(column.is_null(i) == (i % 5 == 0));
    if (i % 5 != 0) CHECK(column.boolean(i) == (i % 3 == 0));
  }
}

TEST_CASE("fixed widths are those of the kind") {
  ColumnBuilder builder({.kind = TypeKind::int16});
  builder.append_int(-2);
  builder.append_null();
  builder.append_int(65537);  // cut to the width
  CHECK(builder.length() == 3);
  const auto column = builder.finish();
  CHECK(column.values.size() == 6);
  CHECK(column.as<std::int16_t>()[0] == -2);
  CHECK(column.as<std::int16_t>()[2] == 1);
}

TEST_CASE("text has one offset more than rows, NULL takes no bytes") {
  ColumnBuilder builder({.kind = TypeKind::text});
  builder.append_text("ab");
  builder.append_null();
  builder.append_text("");
  builder.append_text("é");
  const auto column = builder.finish();
  CHECK(column.offsets.size() == 5 * sizeof(std::int32_t));
  CHECK(column.text(0) == "ab");
  CHECK(column.is_null(1));
  CHECK(column.text(2).empty());
  CHECK_FALSE(column.is_null(2));
  CHECK(column.text(3) == "é");
}

TEST_CASE("a finished builder begins anew, without validity where nothing is NULL") {
  ColumnBuilder builder({.kind = TypeKind::text});
  CHECK(builder.finish().length == 0);
  builder.append_text("x");
  const auto column = builder.finish();
  CHECK(column.validity.empty());
  CHECK(column.text(0) == "x");
  CHECK(builder.length() == 0);
  CHECK(builder.finish().offsets.size() == sizeof(std::int32_t));
}

TEST_CASE("values are copied from another column, NULL included") {
  for (const auto kind :
       {TypeKind::boolean, TypeKind::int8, TypeKind::float32, TypeKind::decimal, TypeKind::text}) {
    ColumnBuilder source({.kind = kind, .precision = 9, .scale = 1});
    source.append_null();
    if (kind == TypeKind::boolean) {
      source.append_bool(true);
    } else if (kind == TypeKind::text) {
      source.append_text("word");
    } else if (kind == TypeKind::decimal) {
      source.append_decimal(-15);
    } else if (kind == TypeKind::float32) {
      source.append_double(2.5);
    } else {
      source.append_int(-7);
    }
    const auto from = source.finish();
    ColumnBuilder target(from.type);
    target.append_from(from, 1);
    target.append_from(from, 0);
    const auto to = target.finish();
    CHECK(format_value(to, 0) == format_value(from, 1));
    CHECK(to.is_null(1));
  }
}
