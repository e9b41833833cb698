// Rows that waited in a file are those that went in, of every layout.

#include "runtime/sinks/batch_spool.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <limits>
#include <string>

#include "base/column_builder.h"
#include "base/format.h"
#include "runtime/pipeline/slice.h"

using namespace quern;

namespace {

constexpr std::int64_t kRows = 24;

ColumnType list_of(TypeKind kind) {
  ColumnType type{.kind = TypeKind::list};
  type.element = std::make_shared<const ColumnType>(ColumnType{.kind = kind});
  return type;
}

/// One row of every layout; NULL in every fifth row, and in every third element of a list.
void append_row(std::vector<ColumnBuilder>& columns, std::int64_t i) {
  if (i % 5 == 3) {
    for (auto& column : columns) column.append_null();
    return;
  }
  columns[0].append_int(i * 1000003);
  columns[1].append_text(std::string(static_cast<std::size_t>(i % 24), 'x') + "é");
  columns[2].append_bool(i % 3 == 0);
  columns[3].append_decimal(static_cast<__int128>(i) << 70U);
  columns[4].append_interval({.months = 1, .days = 2, .micros = i});
  for (std::int64_t e = 0; e < i % 4; ++e) {
    for (auto* list : {&columns[5], &columns[6]}) {
      if (e % 3 == 2) list->elements().append_null();
    }
    if (e % 3 == 2) continue;
    columns[5].elements().append_double(static_cast<double>(i) / 8);
    columns[6].elements().append_bool(e == 1);
  }
  columns[5].end_list();
  columns[6].end_list();
}

ColumnBatch batch_of(std::int64_t number) {
  std::vector<ColumnBuilder> columns;
  for (const auto& type : {ColumnType{.kind = TypeKind::int32}, ColumnType{.kind = TypeKind::text},
                           ColumnType{.kind = TypeKind::boolean},
                           ColumnType{.kind = TypeKind::decimal, .precision = 38, .scale = 3},
                           ColumnType{.kind = TypeKind::interval}, list_of(TypeKind::float64),
                           list_of(TypeKind::boolean)})
    columns.emplace_back(type);
  for (std::int64_t i = 0; i < kRows; ++i) append_row(columns, number * kRows + i);
  ColumnBatch batch{.rows = kRows};
  for (auto& column : columns) batch.columns.push_back(column.finish());
  return batch;
}

std::string text_of(const ColumnBatch& batch) {
  std::string out;
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    for (const auto& column : batch.columns) out += format_value(column, row) + "|";
    out += "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("batches come back as they went in, wherever they waited") {
  for (const std::int64_t bytes :
       {std::int64_t{0}, std::int64_t{4000}, std::numeric_limits<std::int64_t>::max()}) {
    runtime::BatchSpool spool(bytes);
    std::string before;
    for (std::int64_t b = 0; b < 6; ++b) {
      const auto whole = batch_of(b);
      // A slice shares its buffers with rows that are not its own.
      const auto part = b % 2 == 0 ? whole : runtime::slice(whole, 8, 13);
      before += text_of(part);
      REQUIRE(spool.add(part).ok());
    }
    std::string after;
    REQUIRE(spool
                .drain([&](const ColumnBatch& batch) -> Result<void> {
                  after += text_of(batch);
                  for (const auto& column : batch.columns) CHECK(column.length == batch.rows);
                  return {};
                })
                .ok());
    CHECK(after == before);
  }
}

TEST_CASE("a file that cannot be made is an error that names TMPDIR") {
  const char* before = std::getenv("TMPDIR");
  const std::string old = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/nowhere/at/all", 1);
  runtime::BatchSpool spool(0);
  const auto added = spool.add(batch_of(0));
  before == nullptr ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", old.c_str(), 1);
  REQUIRE_FALSE(added.ok());
  CHECK(added.errors().front().code == Code::out_of_memory);
  CHECK(added.errors().front().hint.find("TMPDIR") != std::string::npos);
}

TEST_CASE("what takes the batches may stop") {
  runtime::BatchSpool spool(0);
  REQUIRE(spool.add(batch_of(0)).ok());
  REQUIRE(spool.add(batch_of(1)).ok());
  int taken = 0;
  const auto done = spool.drain([&](const ColumnBatch&) -> Result<void> {
    ++taken;
    return Diagnostic{Code::cancelled, "cancelled"};
  });
  CHECK_FALSE(done.ok());
  CHECK(taken == 1);
}
