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

TEST_CASE("lists keep their elements, NULL lists and NULL elements apart") {
  const auto number = std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::int32});
  ColumnBuilder builder({.kind = TypeKind::list, .element = number});
  for (const int value : {1, 2}) builder.elements().append_int(value);
  builder.elements().append_null();
  builder.end_list();
  builder.append_null();
  builder.end_list();
  builder.elements().append_int(7);
  builder.end_list();
  const auto column = builder.finish();
  REQUIRE(column.length == 4);
  CHECK(column.null_count == 1);
  CHECK(column.list_size(0) == 3);
  CHECK(format_value(column, 0) == "[1, 2, NULL]");
  CHECK(format_value(column, 1) == "NULL");
  CHECK(format_value(column, 2) == "[]");
  CHECK(format_value(column, 3) == "[7]");

  ColumnBuilder copy(column.type);
  for (const std::int64_t row : {3, 1, 0}) copy.append_from(column, row);
  const auto copied = copy.finish();
  CHECK(format_value(copied, 0) == "[7]");
  CHECK(copied.is_null(1));
  CHECK(format_value(copied, 2) == "[1, 2, NULL]");
  CHECK(builder.length() == 0);
}

TEST_CASE("lists are of one type when their elements and their fixed size are") {
  const auto list = [](TypeKind kind, std::int32_t size) {
    return ColumnType{.kind = TypeKind::list,
                      .element = std::make_shared<const ColumnType>(ColumnType{.kind = kind}),
                      .size = size};
  };
  CHECK(list(TypeKind::int8, 3) == list(TypeKind::int8, 3));
  CHECK_FALSE(list(TypeKind::int8, 3) == list(TypeKind::int8, 0));
  CHECK_FALSE(list(TypeKind::int8, 3) == list(TypeKind::float32, 3));
}
