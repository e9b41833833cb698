// The hash of the random split: its values are part of what stored models say. Expected values: a
// program of its own in Python, after the rule in docs/language.md.

#include "runtime/dataset/row_split.h"

#include <catch2/catch.hpp>

#include "base/column_builder.h"

using namespace quern;
using runtime::RowHasher;

namespace {

ColumnBatch moment(TypeKind kind, std::int64_t value) {
  ColumnBuilder builder({.kind = kind});
  builder.append_int(value);
  return {1, {builder.finish()}};
}

}  // namespace

TEST_CASE("FNV-1a gives its authors' results") {
  CHECK(fnv1a("") == 0xCBF29CE484222325ULL);
  CHECK(fnv1a("foobar") == 0x85944171F73967E8ULL);
}

TEST_CASE("a row's hash is that of numbers, padded text and NULL in their canonical form") {
  ColumnBuilder numbers({.kind = TypeKind::int32}), texts({.kind = TypeKind::text}),
      nulls({.kind = TypeKind::float64});
  numbers.append_int(1);
  texts.append_text("a  ");
  nulls.append_null();
  RowHasher hasher({0, 1, 2}, 7);
  CHECK(hasher.hash({1, {numbers.finish(), texts.finish(), nulls.finish()}}) ==
        std::vector<std::uint64_t>{0x2CB86CC9139A5F0FULL});
}

TEST_CASE("dates and timestamps count as UTC ISO text") {
  RowHasher hasher({0}, 0);
  CHECK(hasher.hash(moment(TypeKind::date, 19782)).front() == 0x5501AC0E6CDA769AULL);
  CHECK(hasher.hash(moment(TypeKind::timestamp_tz, 19782 * 86400000000 + 46800500000)).front() ==
        0x28D8291122BEF969ULL);
}

TEST_CASE("far dates and nanoseconds have their own text") {
  RowHasher hasher({0}, 0);
  CHECK(hasher.hash(moment(TypeKind::date, 2147483646)).front() == 0x6162D48A9D788058ULL);
  CHECK(hasher.hash(moment(TypeKind::timestamp_ns, 1700000000123456789)).front() ==
        0x540357B28E3EF19FULL);
  const auto whole = hasher.hash(moment(TypeKind::timestamp_ns, 1700000000123456000));
  CHECK(whole == hasher.hash(moment(TypeKind::timestamp, 1700000000123456)));
}

TEST_CASE("an interval counts by its seconds, a list as its length and elements") {
  ColumnBuilder intervals({.kind = TypeKind::interval});
  intervals.append_interval({.months = 13, .days = -2, .micros = 500000});
  RowHasher hasher({0}, 0);
  CHECK(hasher.hash({1, {intervals.finish()}}).front() == 0x2139DA1CBC0F7517ULL);
  const auto number = std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::float32});
  ColumnBuilder lists({.kind = TypeKind::list, .element = number});
  lists.elements().append_double(1.5);
  lists.elements().append_null();
  lists.end_list();
  lists.append_null();
  lists.end_list();
  CHECK(hasher.hash({3, {lists.finish()}}) == std::vector<std::uint64_t>{0x8665323A864D599FULL,
                                                                         0x945F37A905A18D78ULL,
                                                                         0x21FA69A58F3D62F5ULL});
}

TEST_CASE("minus zero is zero, and every NaN is the same") {
  ColumnBuilder a({.kind = TypeKind::float64});
  for (const double v : {0.0, -0.0}) a.append_double(v);
  RowHasher hasher({0}, 0);
  const auto hashes = hasher.hash({2, {a.finish()}});
  CHECK(hashes[0] == hashes[1]);
}

TEST_CASE("equal hashes are counted, also while the table grows") {
  runtime::Repeats repeats;
  for (std::uint64_t h = 0; h < 5000; ++h) REQUIRE(repeats.count(spread(h)) == 0);
  for (std::uint64_t h = 0; h < 5000; ++h) REQUIRE(repeats.count(spread(h)) == 1);
}
