// The loop over a query's rows: every row once and in order, and a request to stop is seen in time.

#include "runtime/pipeline/scan.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace quern;

namespace {

/// Batches of 2,048 numbers that go on counting.
class Numbers final : public BatchStream {
 public:
  explicit Numbers(std::int64_t batches) : left_(batches) {}
  const Schema& schema() const override { return schema_; }
  Result<bool> next(ColumnBatch& out) override {
    if (left_-- == 0) return false;
    std::vector<std::int64_t> values(2048);
    for (auto& value : values) value = next_++;
    const ColumnType type{.kind = TypeKind::int64};
    out = {.rows = 2048, .columns = {{.type = type, .length = 2048}}};
    out.columns[0].values = Buffer::own(std::move(values));
    return true;
  }

 private:
  Schema schema_{{"n", {.kind = TypeKind::int64}}};
  std::int64_t left_;
  std::int64_t next_ = 0;
};

/// A database that knows one query.
class OneQuery final : public Connection {
 public:
  Dialect dialect() const override { return Dialect::duckdb; }
  std::string engine() const override { return "none"; }
  Result<Description> describe(const std::string&) override { return none(); }
  Result<std::optional<std::int64_t>> estimate_rows(const std::string&) override { return none(); }
  Result<Execution> execute(const std::string&) override {
    return Execution{.rows = std::make_unique<Numbers>(4)};
  }
  Result<std::optional<TableInfo>> find_table(const TableName&) override { return none(); }
  Result<bool> schema_exists(const std::string&) override { return none(); }
  Result<void> check_writable(const TableName&) override { return none(); }
  Result<std::unique_ptr<Appender>> append_to(const TableName&) override { return none(); }
  bool in_transaction() const override { return false; }
  Result<std::unique_ptr<Connection>> sibling() override { return none(); }
  Result<std::unique_ptr<TableLoad>> load_table(const TableOrder&) override { return none(); }
  void cancel() noexcept override {}
  void resume() noexcept override {}
  std::string type_name(const ColumnType&) const override { return ""; }

 private:
  static Diagnostic none() { return {Code::internal, "not asked for here"}; }
};

void work_for(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) continue;
}

Result<std::int64_t> scan(const CancelToken& cancel,
                          const std::function<Result<void>(const ColumnBatch&)>& take) {
  OneQuery connection;
  return runtime::scan({}, connection, Progress::Stage::predict, {cancel, [](const Progress&) {}},
                       take);
}

}  // namespace

TEST_CASE("rows come once, in order, however they are cut") {
  std::int64_t expected = 0;
  const auto rows = scan({}, [&](const ColumnBatch& batch) -> Result<void> {
    for (const auto value : batch.columns[0].as<std::int64_t>()) CHECK(value == expected++);
    return {};
  });
  CHECK(*rows == 4 * 2048);
  CHECK(expected == 4 * 2048);
}

TEST_CASE("slow rows are handed on few at a time, and a request to stop is seen between them") {
  const CancelToken cancel;
  std::int64_t most = 0;
  std::int64_t seen = 0;
  const auto rows = scan(cancel, [&](const ColumnBatch& batch) -> Result<void> {
    work_for(std::chrono::milliseconds(5 * batch.rows));  // the first batch shows how slow rows are
    if (seen > 0) most = std::max(most, batch.rows);
    seen += batch.rows;
    if (seen > 100) cancel.request();
    return {};
  });
  REQUIRE_FALSE(rows.ok());
  CHECK(rows.errors()[0].code == Code::cancelled);
  CHECK(most <= 24);
  CHECK(seen < 2048);
}
