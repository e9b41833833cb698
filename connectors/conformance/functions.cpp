// Conformance of engines that run in this process and call kernels: when a subject is loaded, what
// a kernel is given, and where its errors are placed.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "connectors/conformance/conformance.h"

namespace quern::conformance {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::array<KernelFunction, 3> kFunctions{{
    {"test_scaled", KernelAnswer::number},
    {"test_word", KernelAnswer::text},
    {"test_shares", KernelAnswer::numbers_by_name},
}};

/// NULL counts as 0.
double number_at(const Column& column, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  if (column.null_count == column.length || column.is_null(row)) return 0;
  if (column.type.kind == TypeKind::int32) return column.as<std::int32_t>()[at];
  if (column.type.kind == TypeKind::int64)
    return static_cast<double>(column.as<std::int64_t>()[at]);
  return column.as<double>()[at];
}

Column one_word(std::int64_t rows) {
  std::vector<std::int32_t> offsets(static_cast<std::size_t>(rows) + 1);
  for (std::size_t i = 0; i < offsets.size(); ++i) offsets[i] = static_cast<std::int32_t>(2 * i);
  std::vector<char> bytes;
  for (std::int64_t i = 0; i < rows; ++i) bytes.insert(bytes.end(), {'o', 'k'});
  return {.type = {.kind = TypeKind::text},
          .length = rows,
          .values = Buffer::own(std::move(bytes)),
          .offsets = Buffer::own(std::move(offsets))};
}

/// The sum of the arguments times the subject, in each of its forms; a sum below 0 is an error.
class Scaled final : public ScalarKernel {
 public:
  Scaled(KernelAnswer answer, float factor, std::size_t arguments)
      : answer_(answer), factor_(factor) {
    columns_.resize(arguments, {"number", {.kind = TypeKind::float64}});
  }
  std::span<const std::string> names() const override { return names_; }
  std::span<const Field> columns() const override { return columns_; }

  Result<std::vector<Column>> evaluate(const ColumnBatch& batch) const override {
    std::vector<float> sums(static_cast<std::size_t>(batch.rows));
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      double sum = 0;
      for (const auto& column : batch.columns) sum += number_at(column, r);
      if (sum < 0)
        return Diagnostic{Code::bad_base_margin, "a sum is below 0", SourceSpan::none(),
                          "add \"more\""};
      sums[static_cast<std::size_t>(r)] = static_cast<float>(sum) * factor_;
    }
    if (answer_ == KernelAnswer::text) return std::vector<Column>{one_word(batch.rows)};
    const Column column{.type = {.kind = TypeKind::float32},
                        .length = batch.rows,
                        .values = Buffer::own(std::move(sums))};
    const bool two = answer_ == KernelAnswer::numbers_by_name;
    return two ? std::vector<Column>{column, column} : std::vector<Column>{column};
  }

 private:
  KernelAnswer answer_;
  float factor_;
  std::vector<std::string> names_ = {"a", "b \"quoted\""};
  Schema columns_;
};

/// Subjects are numbers; to load one, the connection is asked for it.
class Library final : public KernelLibrary {
 public:
  /// Outlives the connection, which it asks.
  void serve(Connection& connection) {
    connection_ = &connection;
    connection.offer(*this);
  }

  std::span<const KernelFunction> functions() const override { return kFunctions; }

  Result<void> load(const std::string& subject) override {
    ++loads;
    if (subject == "none") return Diagnostic{Code::unknown_model, "unknown model: none"};
    QUERN_TRY(auto execution, connection_->execute("SELECT " + subject));
    ColumnBatch batch;
    QUERN_TRY([[maybe_unused]] const bool more, execution.rows->next(batch));
    known_[subject] = static_cast<float>(number_at(batch.columns[0], 0));
    return {};
  }

  Result<std::shared_ptr<const ScalarKernel>> bind(const KernelCall& call) override {
    const auto found = known_.find(call.subject);
    if (found == known_.end()) return std::shared_ptr<const ScalarKernel>();
    const auto* function =
        std::find_if(kFunctions.begin(), kFunctions.end(),
                     [&](const auto& known) { return known.name == call.function; });
    return std::shared_ptr<const ScalarKernel>(
        std::make_shared<Scaled>(function->answer, found->second, call.arguments.size()));
  }

  int loads = 0;

 private:
  Connection* connection_ = nullptr;
  std::map<std::string, float> known_;
};

void check_failure(Connection& c, const std::string& sql, Code code, const std::string& place) {
  INFO(sql);
  const auto problem = failure_of(c, sql);
  CHECK(code_number(problem.code) == code_number(code));
  CHECK(pointed_at(problem, sql) == place);
}

}  // namespace

void check_functions(const Quirks& quirks) {
  Library library;
  const auto c = quirks.open();
  library.serve(*c);

  SECTION("a call is answered, by every function") {
    CHECK(rows_of(*c, "SELECT test_scaled('3', 2, 2e0) + 0.5, test_word('3')") ==
          Rows{{"12.5", "ok"}});
    CHECK(rows_of(*c, "SELECT test_shares('2', 1)")[0][0].find("quoted") != std::string::npos);
    CHECK(library.loads == 2);
  }
  SECTION("a kernel is called for NULL, too") {
    CHECK(rows_of(*c, "SELECT test_scaled('3', NULL, 2) + 0.5") == Rows{{"6.5"}});
  }
  SECTION("a statement of many rows goes on when its subject was loaded") {
    const auto rows = "(" + quirks.series(5000) + ") AS s";
    CHECK(rows_of(*c, "SELECT count(*) FROM " + rows + " WHERE test_scaled('2', i) = 2 * i") ==
          Rows{{"5000"}});
    CHECK(rows_of(*c, "SELECT count(*) FROM " + rows +
                          " WHERE CASE WHEN i > 4000 THEN test_scaled('3', i) = 3 * i END") ==
          Rows{{"999"}});
    run(*c, "CREATE TABLE made AS SELECT i, test_scaled('5', i) AS p FROM " + rows);
    CHECK(rows_of(*c, "SELECT count(*) FROM made WHERE p = 5 * i") == Rows{{"5000"}});
  }
  SECTION("what goes wrong is placed at the function's name") {
    check_failure(*c, "SELECT 1, test_scaled('none', 1)", Code::unknown_model, "test_scaled");
    check_failure(*c, "SELECT 1, test_scaled(NULL, 1)", Code::bad_model_call, "test_scaled");
    check_failure(*c, "SELECT 1, Test_Word('1', -1)", Code::bad_base_margin, "Test_Word");
    CHECK(failure_of(*c, "SELECT test_scaled('1', -1)").hint == "add \"more\"");
    CHECK(failure_of(*c, "SELECT test_scaled('1', -1)").message == "a sum is below 0");
    CHECK(rows_of(*c, "SELECT 1") == Rows{{"1"}});
  }
}

}  // namespace quern::conformance
