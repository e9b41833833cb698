// Parts of batches are the rows they say.

#include "runtime/pipeline/slice.h"

#include <catch2/catch.hpp>

#include "base/column_builder.h"
#include "base/format.h"

using namespace quern;

namespace {

/// A column of each layout, 21 rows, every fifth NULL from the third on.
ColumnBatch sample() {
  std::vector<ColumnBuilder> builders;
  builders.emplace_back(ColumnType{.kind = TypeKind::int64});
  builders.emplace_back(ColumnType{.kind = TypeKind::text});
  builders.emplace_back(ColumnType{.kind = TypeKind::boolean});
  for (std::int64_t i = 0; i < 21; ++i) {
    if (i % 5 == 3) {
      for (auto& builder : builders) builder.append_null();
      continue;
    }
    builders[0].append_int(i * 10);
    builders[1].append_text(std::string(static_cast<std::size_t>(i), 'x') + std::to_string(i));
    builders[2].append_bool(i % 3 == 0);
  }
  ColumnBatch batch{.rows = 21};
  for (auto& builder : builders) batch.columns.push_back(builder.finish());
  return batch;
}

}  // namespace

TEST_CASE("a slice holds the rows it says, of every layout") {
  const auto batch = sample();
  for (const auto& [first, rows] : {std::pair{0, 21}, {0, 8}, {8, 8}, {16, 5}, {8, 3}, {16, 0}}) {
    const auto cut = runtime::slice(batch, first, rows);
    REQUIRE(cut.rows == rows);
    for (std::size_t c = 0; c < batch.columns.size(); ++c) {
      std::int64_t nulls = 0;
      for (std::int64_t r = 0; r < rows; ++r) {
        CHECK(format_value(cut.columns[c], r) == format_value(batch.columns[c], first + r));
        nulls += batch.columns[c].is_null(first + r) ? 1 : 0;
      }
      CHECK(cut.columns[c].null_count == nulls);
    }
  }
}

TEST_CASE("a slice keeps the rows alive") {
  const auto cut = runtime::slice(sample(), 16, 5);
  CHECK(format_value(cut.columns[1], 0) == std::string(16, 'x') + "16");
}
