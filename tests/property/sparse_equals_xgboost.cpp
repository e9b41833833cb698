// Sparse features from the SQL text to the prediction: random rows of INDICATOR, of text with keys
// and values, and of text like "1,2,3" are trained and predicted by statements, and XGBoost itself
// predicts the same rows from a matrix that this test lays out by what it knows of them. What is
// absent is missing there.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "api/quern.hpp"
#include "xgboost_oracle.h"

namespace quern::test {
namespace {

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint32_t kKeys = 40;   // width of the text with keys; some rows have keys beyond it
constexpr std::uint32_t kZones = 12;  // size of the number's category
constexpr std::size_t kVector = 5;

using Entries = std::vector<std::pair<std::uint32_t, float>>;

/// One row as this test knows it; empty is NULL.
struct Row {
  std::optional<float> x;
  std::optional<std::string> kind;
  std::optional<std::uint32_t> zone;
  std::optional<Entries> entries;
  std::optional<std::vector<float>> vector;
  float y = 0;
};

/// Rows whose numbers are quarters: their sums and texts are exact.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  Row row(bool training) {
    Row out{.y = number()};
    if (chance(0.9)) out.x = number();
    // Kinds and keys that training has not seen come up in prediction.
    if (chance(0.9)) out.kind = "k " + std::to_string(below(training ? 9 : 14));
    if (chance(0.9)) out.zone = below(training ? kZones : kZones + 4);
    if (chance(0.9)) out.entries = entries(training);
    if (chance(0.9)) out.vector = vector();
    if (out.x) out.y += 3 * *out.x;
    if (out.kind == "k 3") out.y += 40;
    for (const auto& [key, value] : out.entries.value_or(Entries())) {
      if (key % 7 == 2) out.y -= 5 * value;
    }
    return out;
  }
  std::uint32_t below(std::uint32_t end) { return random_() % end; }
  bool chance(double p) { return std::uniform_real_distribution<double>()(random_) < p; }

 private:
  float number() { return static_cast<float>(static_cast<int>(below(161)) - 80) / 4; }
  Entries entries(bool training) {
    Entries out;
    // One key comes twice now and then: its values are added up.
    for (auto count = below(6); count > 0; --count)
      out.emplace_back(below(training ? kKeys : kKeys + 9), number());
    return out;
  }
  std::vector<float> vector() {
    std::vector<float> out(kVector);
    for (auto& value : out) value = number();
    return out;
  }
  std::mt19937 random_;
};

std::string text_of(float value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.9g", static_cast<double>(value));
  return out;
}

std::string entries_text(const Row& row) {
  std::string out;
  for (const auto& [key, value] : *row.entries)
    out += (out.empty() ? "" : " ") + std::to_string(key) + ":" + text_of(value);
  return "'" + out + "'";
}

std::string vector_text(const Row& row) {
  std::string out;
  for (const float value : *row.vector) out += (out.empty() ? "" : ",") + text_of(value);
  return "'" + out + "'";
}

std::string insertion(const std::string& table, const std::vector<Row>& rows) {
  std::string out = "CREATE TABLE " + table +
                    " (n INTEGER, x FLOAT, kind VARCHAR, zone INTEGER, kv VARCHAR, v VARCHAR, y "
                    "FLOAT); INSERT INTO " +
                    table + " VALUES ";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    out += (i > 0 ? ", (" : "(") + std::to_string(i) + ", " + (row.x ? text_of(*row.x) : "NULL") +
           ", " + (row.kind ? "'" + *row.kind + "'" : "NULL") + ", " +
           (row.zone ? std::to_string(*row.zone) : "NULL") + ", " +
           (row.entries ? entries_text(row) : "NULL") + ", " +
           (row.vector ? vector_text(row) : "NULL") + ", " + text_of(row.y) + ")";
  }
  return out + ";";
}

/// The matrix: x, then the groups in the order of COLUMN, and last the text that turned out to be a
/// vector. A category has one more place, for what it does not know.
Rows matrix(const std::vector<Row>& rows, const std::vector<Row>& training) {
  std::set<std::string> kinds;
  for (const auto& row : training) {
    if (row.kind) kinds.insert(*row.kind);
  }
  const std::size_t kind_at = 1;
  const auto key_at = kind_at + kinds.size() + 1;
  const auto zone_at = key_at + kKeys;
  const auto vector_at = zone_at + kZones + 1;
  const auto width = vector_at + kVector;
  Rows out{static_cast<std::int64_t>(rows.size()), static_cast<std::int32_t>(width), {}};
  for (const auto& row : rows) {
    std::vector<float> values(width, kAbsent);
    if (row.x) values[0] = *row.x;
    if (row.kind) {
      const auto code = std::distance(kinds.begin(), kinds.find(*row.kind));
      values[kind_at + static_cast<std::size_t>(code)] = 1;
    }
    for (const auto& [key, value] : row.entries.value_or(Entries())) {
      if (key >= kKeys) continue;
      auto& at = values[key_at + key];
      at = std::isnan(at) ? value : at + value;
    }
    if (row.zone) values[zone_at + std::min(*row.zone, kZones)] = 1;
    if (row.vector) std::copy(row.vector->begin(), row.vector->end(), values.end() - kVector);
    out.values.insert(out.values.end(), values.begin(), values.end());
  }
  return out;
}

/// The last statement's only column.
class Answer final : public Observer {
 public:
  void on_schema(const Schema& /*schema*/) override { floats.clear(), bytes.clear(); }
  void on_batch(const ColumnBatch& batch) override {
    const auto& column = batch.columns[0];
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      if (column.type.kind == TypeKind::blob) {
        const auto part = column.text(r);
        bytes.insert(bytes.end(), part.begin(), part.end());
      } else {
        floats.push_back(column.as<float>()[static_cast<std::size_t>(r)]);
      }
    }
  }
  void on_diagnostic(const Diagnostic& problem) override {
    if (problem.severity == Severity::error) errors += problem.message + "\n";
  }
  std::vector<float> floats;
  std::vector<std::uint8_t> bytes;
  std::string errors;
};

void run(Session& session, const std::string& sql, Answer& answer) {
  session.run(sql, answer);
  if (!answer.errors.empty()) FAIL(answer.errors);
}

/// How the rows are trained on: by all methods that take sparse rows, and by linear models.
std::string attributes(unsigned seed) {
  static const std::string ways[] = {"tree_method = hist", "tree_method = approx",
                                     "tree_method = exact", "booster = dart, rate_drop = 0.2",
                                     "booster = gblinear"};
  return ways[seed % 5] + ", split.method = " + (seed % 2 == 0 ? "none" : "random");
}

void check_seed(unsigned seed, XgboostOracle& oracle) {
  INFO("seed " << seed);
  Maker maker(seed);
  std::vector<Row> training, asked;
  for (auto n = 150 + maker.below(700); n > 0; --n) training.push_back(maker.row(true));
  for (int n = 0; n < 200; ++n) asked.push_back(maker.row(false));
  auto session = Session::open({.uri = "duckdb::memory:", .threads = 1});
  REQUIRE(session.ok());
  Answer answer;
  run(*session, insertion("training", training) + insertion("asked", asked), answer);
  run(*session,
      "SELECT * EXCLUDE n FROM training ORDER BY n TO TRAIN xgboost.XGBRegressor WITH num_round = "
      "8, " +
          attributes(seed) + " COLUMN x, INDICATOR(kind), SPARSE(kv, " + std::to_string(kKeys) +
          "), INDICATOR(CATEGORY_ID(zone, " + std::to_string(kZones) + ")), v LABEL y INTO m;",
      answer);
  run(*session, "SELECT bytes FROM quern_model_chunks ORDER BY chunk;", answer);
  oracle.load(answer.bytes);
  run(*session,
      "SELECT * EXCLUDE n FROM asked ORDER BY n TO PREDICT guess WITH predict.columns = [] USING m;"
      "SELECT predicted_y FROM guess;",
      answer);
  const auto wanted = oracle.predict(matrix(asked, training), false);
  REQUIRE(answer.floats.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    INFO("row " << i);
    CHECK(answer.floats[i] == Approx(wanted[i]).epsilon(1e-5).margin(1e-4));
  }
}

TEST_CASE("sparse rows are predicted as XGBoost predicts them") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const char* wanted = std::getenv("QUERN_PROPERTY_MODELS");
  const auto models = wanted == nullptr ? 25U : static_cast<unsigned>(std::atoi(wanted)) / 24 + 1;
  for (unsigned seed = 1; seed <= models; ++seed) check_seed(seed, *oracle);
}

}  // namespace
}  // namespace quern::test
