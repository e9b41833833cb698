// Rows that are fetched ahead come as those of the stream itself.

#include "runtime/pipeline/read_ahead.h"

#include <catch2/catch.hpp>

using namespace quern;

namespace {

/// Batches of one number that counts; after `batches` of them the end, or an error.
class Counter final : public BatchStream {
 public:
  Counter(std::int64_t batches, bool fails) : batches_(batches), fails_(fails) {}
  const Schema& schema() const override { return schema_; }
  Result<bool> next(ColumnBatch& out) override {
    if (next_ == batches_ && fails_) return Diagnostic{Code::database_error, "the server is gone"};
    if (next_ == batches_) return false;
    const ColumnType type{.kind = TypeKind::int64};
    out = {.rows = 1, .columns = {{.type = type, .length = 1}}};
    out.columns[0].values = Buffer::own(std::vector<std::int64_t>{next_++});
    return true;
  }
  std::vector<Diagnostic> take_notes() override {
    return {{.message = "behind " + std::to_string(next_) + " rows", .severity = Severity::note}};
  }

 private:
  Schema schema_{{"n", {.kind = TypeKind::int64}}};
  std::int64_t batches_;
  bool fails_;
  std::int64_t next_ = 0;
};

Execution execution(std::int64_t batches, bool fails) {
  return {.rows = std::make_unique<Counter>(batches, fails)};
}

void ignore(const Diagnostic& /*note*/) {}

/// Reads so many batches, which must count from 0.
void read(runtime::ReadAhead& rows, std::int64_t batches) {
  for (std::int64_t i = 0; i < batches; ++i) {
    ColumnBatch batch;
    const auto more = rows.next(batch);
    REQUIRE(more.ok());
    REQUIRE(*more);
    CHECK(batch.columns[0].as<std::int64_t>()[0] == i);
  }
}

}  // namespace

TEST_CASE("rows fetched ahead come once, in order, to their end") {
  for (const std::int64_t batches : {0, 1, 2, 3, 50}) {
    auto counter = execution(batches, false);
    runtime::ReadAhead rows(counter, ignore);
    read(rows, batches);
    for (int again = 0; again < 2; ++again) {
      ColumnBatch batch;
      const auto more = rows.next(batch);
      REQUIRE(more.ok());
      CHECK_FALSE(*more);
    }
  }
}

TEST_CASE("an error is heard behind the rows before it, and as often as it is asked for") {
  for (const std::int64_t batches : {1, 20}) {
    auto counter = execution(batches, true);
    runtime::ReadAhead rows(counter, ignore);
    read(rows, batches);
    for (int again = 0; again < 2; ++again) {
      ColumnBatch batch;
      CHECK_FALSE(rows.next(batch).ok());
    }
  }
}

TEST_CASE("reading ahead can be left at any batch") {
  for (const std::int64_t taken : {0, 2, 3, 9}) {
    auto endless = execution(INT64_MAX, false);
    runtime::ReadAhead rows(endless, ignore);
    read(rows, taken);
  }
}

TEST_CASE("what the database says is heard before the rows and behind them") {
  for (const bool fails : {false, true}) {
    auto counter = execution(5, fails);
    counter.notes = {{.message = "a new connection", .severity = Severity::warning}};
    std::vector<std::string> heard;
    runtime::ReadAhead rows(counter, [&](const Diagnostic& d) { heard.push_back(d.message); });
    CHECK(heard == std::vector<std::string>{"a new connection"});
    read(rows, 5);
    CHECK(heard.size() == 1);
    ColumnBatch batch;
    CHECK(rows.next(batch).ok() != fails);
    CHECK(heard == std::vector<std::string>{"a new connection", "behind 5 rows"});
  }
}
