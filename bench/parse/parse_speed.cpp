// Times the parsing of 1 MB of statements: trainings, predictions and explanations with comments
// and attributes, and plain SQL with long lists of values. First the answer: every tree, printed
// and parsed again, must be the same tree. Exit status 1 where one is not, never because of a time.

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "parser/parser.h"

namespace {

using namespace quern;

constexpr double kGoalSeconds = 1;
constexpr std::size_t kBytes = 1 << 20;

std::string training(const std::string& n) {
  return "-- the customers of week " + n +
         "\nWITH recent AS (SELECT * FROM customers WHERE week = " + n +
         " AND note <> 'it''s a test; ignore')\n"
         "SELECT age, income * 12 AS yearly, \"last visit\", churned FROM recent\n"
         "TO TRAIN xgboost.gbtree\nWITH objective = 'binary:logistic', num_round = 100, eta = 0.1, "
         "max_depth = 6, subsample = 1 - 0.2, monotone_constraints = {age: 1, yearly: -1},\n"
         "     eval_metric = ['auc', 'logloss'], train.early_stopping = 5\n"
         "COLUMN age, yearly, \"last visit\"\nLABEL churned\nINTO shop.churn_" +
         n + ";\n";
}

std::string prediction(const std::string& n) {
  return "SELECT c.*, o.total FROM customers c JOIN (SELECT id, sum(price) AS total FROM orders "
         "GROUP "
         "BY id) o USING (id) WHERE c.week > " +
         n + "\nTO PREDICT shop.scores AS churned WITH output.mode = append USING shop.churn_" + n +
         "@3;\n";
}

std::string explanation(const std::string& n) {
  return "SELECT * FROM customers /* all of them */ TO EXPLAIN shop.churn_" + n +
         " WITH explain.scope = local INTO shop.reasons_" + n + ";\n";
}

std::string insertion(const std::string& n) {
  std::string sql = "INSERT INTO orders VALUES ";
  for (int i = 0; i < 12; ++i) {
    sql += std::string(i == 0 ? "" : ", ") + "(" + n + ", 'München " + std::to_string(i) +
           "', 12.5e-1, NULL, DATE '2024-02-29')";
  }
  return sql + ";\n";
}

std::string question(const std::string& n) {
  return "SELECT week, count(*) FILTER (WHERE churned) AS lost, avg(income)::DECIMAL(12, 2) FROM "
         "customers WHERE week BETWEEN " +
         n + " AND " + n + " + 4 GROUP BY ALL ORDER BY lost DESC LIMIT 10;\n";
}

std::string make_script() {
  std::string script;
  for (int i = 0; script.size() < kBytes; ++i) {
    const auto n = std::to_string(i);
    script += training(n) + prediction(n) + explanation(n) + insertion(n) + question(n);
  }
  return script;
}

[[noreturn]] void fail(const Diagnostics& errors, const std::string& text) {
  std::printf("wrong answer: %s", render(errors.front(), text, "script").c_str());
  std::exit(1);
}

std::vector<ast::Statement> parse(const std::string& text) {
  std::vector<ast::Statement> out;
  StatementReader reader(text);
  while (true) {
    auto next = reader.next(Dialect::duckdb);
    if (!next) fail(next.errors(), text);
    if (!*next) return out;
    out.push_back(**std::move(next));
  }
}

bool round_trips(const std::vector<ast::Statement>& statements) {
  return std::all_of(statements.begin(), statements.end(), [](const ast::Statement& statement) {
    const auto again = parse(ast::print(statement) + ";");
    return again.size() == 1 && again.front() == statement;
  });
}

/// Seconds of the wall clock and of the processor, in the order of the first.
struct Times {
  double wall;
  double processor;
  friend auto operator<=>(const Times&, const Times&) = default;
};

Times time_to_parse(const std::string& script) {
  const auto start = std::chrono::steady_clock::now();
  const auto before = std::clock();
  parse(script);
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC};
}

}  // namespace

int main() {
  const auto script = make_script();
  const auto statements = parse(script);
  if (!round_trips(statements)) {
    std::printf("wrong answer: a statement, printed and parsed again, is another\n");
    return 1;
  }
  std::vector<Times> times(9);
  for (auto& time : times) time = time_to_parse(script);
  std::sort(times.begin(), times.end());
  const auto& median = times[times.size() / 2];
  std::printf("%zu statements, each the same after printing and parsing again\n",
              statements.size());
  std::printf("%.2f MB parsed in  s  %.3f [%.3f, %.3f]  goal: under %g, %s\n",
              static_cast<double>(script.size()) / 1e6, median.wall, times.front().wall,
              times.back().wall, kGoalSeconds, median.wall < kGoalSeconds ? "met" : "NOT met");
  std::printf("processor time         s  %.3f\n", median.processor);
  return 0;
}
