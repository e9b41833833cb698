// What the checks share.

#include <catch2/catch.hpp>

#include "base/format.h"
#include "connectors/conformance/conformance.h"

namespace quern::conformance {

Execution run(Connection& connection, const std::string& sql) {
  auto result = connection.execute(sql);
  INFO(sql);
  if (!result.ok()) FAIL(sql << ": " << result.errors()[0].message);
  return *std::move(result);
}

std::vector<std::vector<std::string>> rows_of(Connection& connection, const std::string& sql) {
  auto execution = run(connection, sql);
  std::vector<std::vector<std::string>> rows;
  REQUIRE(execution.rows != nullptr);
  ColumnBatch batch;
  while (more(*execution.rows, batch)) {
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      auto& out = rows.emplace_back();
      for (const auto& column : batch.columns) out.push_back(format_value(column, row));
    }
  }
  return rows;
}

bool more(BatchStream& rows, ColumnBatch& batch) {
  const auto fetched = rows.next(batch);
  if (!fetched.ok()) FAIL(fetched.errors()[0].message);
  if (*fetched) REQUIRE(batch.rows > 0);
  return *fetched;
}

Diagnostic failure_of(Connection& connection, const std::string& sql) {
  auto result = connection.execute(sql);
  if (!result.ok()) return result.errors()[0];
  ColumnBatch batch;
  while (result->rows != nullptr) {
    const auto fetched = result->rows->next(batch);
    if (!fetched.ok()) return fetched.errors()[0];
    if (!*fetched) break;
  }
  FAIL("this did not fail: " << sql);
  return {};
}

std::string pointed_at(const Diagnostic& d, const std::string& sql) {
  return d.span.known() ? sql.substr(d.span.begin, d.span.size()) : "(nowhere)";
}

}  // namespace quern::conformance
