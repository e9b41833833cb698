// Times what stands between the parsed statement and its run, the text checks, binding and
// planning: trainings and predictions over 1,000 columns (whole numbers, floats, texts and dates)
// of a catalog in memory, so that the database's own time is left out. A prediction reads the
// model's manifest, too. First the answer: every feature must read the column of its name. Exit
// status 1 where one does not, never because of a time.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/bind/bind.h"
#include "compiler/plan/plan.h"
#include "parser/parser.h"

namespace {

using namespace quern;

constexpr int kColumns = 1000;
constexpr double kGoal = 50;  // milliseconds
constexpr TypeKind kKinds[] = {TypeKind::int64, TypeKind::float64, TypeKind::text, TypeKind::date};

[[noreturn]] void fail(const std::string& what) {
  std::printf("wrong answer: %s\n", what.c_str());
  std::exit(1);
}

TypeKind kind_of(int column) { return kKinds[column % 4]; }
std::string name_of(int column) { return "customer_column_" + std::to_string(column); }

/// The columns and, last, the label.
Schema make_schema() {
  Schema out;
  for (int c = 0; c < kColumns; ++c)
    out.push_back(
        {name_of(c), {.kind = kind_of(c), .sql_name = std::string(kind_name(kind_of(c)))}});
  out.push_back({"churned", {.kind = TypeKind::boolean, .sql_name = "BOOLEAN"}});
  return out;
}

/// One table under every name, and one model under every name, whose text is read each time.
class MemoryCatalog final : public Catalog {
 public:
  Schema schema = make_schema();
  std::string manifest;

  Dialect dialect() const override { return Dialect::duckdb; }
  std::string type_name(const ColumnType& type) const override { return type.sql_name; }
  Result<Description> describe(const std::string& /*sql*/) override {
    return Description{.schema = schema, .returns_rows = true, .reads = {}};
  }
  Result<std::optional<TableInfo>> find_table(const TableName& /*name*/) override {
    return std::optional<TableInfo>();
  }
  Result<bool> schema_exists(const std::string& /*name*/) override { return false; }
  Result<std::optional<FoundModel>> find_model(const ir::ModelRef& /*model*/) override {
    QUERN_TRY(auto read, ir::manifest_from_json(manifest));
    return std::optional(FoundModel{std::make_shared<const ir::Manifest>(std::move(read)), 1});
  }
  Result<void> check_store(const ir::ModelRef& /*model*/, bool /*with_trials*/) override {
    return {};
  }
  Result<std::vector<std::string>> model_names(const ir::ModelRef& /*model*/) override {
    return std::vector<std::string>();
  }
  Result<ir::ScriptedModule> read_module(const std::string& /*path*/) override {
    return Diagnostic{Code::cannot_read_file, "there are no files here"};
  }
};

ast::Statement parse(const std::string& sql) {
  StatementReader reader(sql);
  auto statement = reader.next(Dialect::duckdb);
  if (!statement || !*statement) fail("a statement does not parse: " + sql.substr(0, 200));
  return **std::move(statement);
}

/// What is timed. Errors end the program.
plan::Plan prepare(const ast::Statement& statement, Catalog& catalog) {
  if (const auto errors = check_text(statement); !errors.empty()) fail(errors.front().message);
  auto bound = bind(statement, catalog);
  if (!bound) fail(bound.errors().front().message);
  const plan::Environment environment{.engine = "memory"};
  if (auto* train = std::get_if<ir::Train>(&*bound))
    return plan::plan(std::move(*train), environment);
  return plan::plan(std::get<ir::Predict>(std::move(*bound)), environment);
}

void check_inputs(const ir::FeatureProgram& program, const std::vector<std::size_t>& columns,
                  const Schema& schema, std::size_t features) {
  if (program.features.size() != features || program.inputs.size() != kColumns ||
      columns.size() != kColumns)
    fail("there are " + std::to_string(program.features.size()) + " features of " +
         std::to_string(columns.size()) + " columns");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (program.inputs[i].name != name_of(static_cast<int>(i)) ||
        schema[columns[i]].name != program.inputs[i].name)
      fail("a feature reads another column than " + name_of(static_cast<int>(i)));
  }
}

void check_plan(const plan::Plan& plan, const Schema& schema, std::size_t features) {
  if (const auto* train = std::get_if<plan::Train>(&plan))
    return check_inputs(train->statement.program, train->statement.input_columns, schema, features);
  const auto& predict = std::get<plan::Predict>(plan);
  check_inputs(predict.statement.use.manifest->program, predict.statement.use.input_columns, schema,
               features);
  if (predict.output.schema.back().name != "predicted_churned") fail("the result lacks its column");
}

/// "f(a), f(b)": every column, each as `write` does it.
std::string all(const std::function<std::string(int)>& write) {
  std::string out;
  for (int c = 0; c < kColumns; ++c) out += (c > 0 ? ", " : "") + write(c);
  return out;
}

std::string with_function(int c) {
  static const std::string functions[] = {"STANDARDIZE(", "LOG(", "VOCABULARY(", "DATE_PARTS("};
  return functions[c % 4] + name_of(c) + ")";
}

std::string constraints() {
  std::string out;
  for (int c = 0; c < kColumns; ++c) {
    if (c % 4 < 2) out += (out.empty() ? "" : ", ") + name_of(c) + ": 1";
  }
  return "{" + out + "}";
}

/// The manifest of a model with vocabularies, as training would store it.
std::string make_manifest(const plan::Plan& plan) {
  const auto& statement = std::get<plan::Train>(plan).statement;
  ir::Label label;
  label.column = "churned";
  label.type.kind = TypeKind::boolean;
  label.type.sql_name = "BOOLEAN";
  label.task = ir::Task::binary;
  label.classes = {false, true};
  ir::Manifest manifest{.statement = statement.text,
                        .estimator = "xgboost.gbtree",
                        .objective = "binary:logistic",
                        .library = "XGBoost",
                        .payload_format = "xgboost.ubj",
                        .program = statement.program,
                        .label = std::move(label),
                        .attributes = {},
                        .history = {},
                        .rounds = 10,
                        .rows = 1000,
                        .quern_version = "0",
                        .created = "2024-01-01T00:00:00Z"};
  manifest.program.terms.clear();
  for (auto& feature : manifest.program.features) {
    auto* category = std::get_if<ir::Category>(&feature.transform);
    if (category == nullptr) continue;
    for (int i = 100; i < 200; ++i) category->vocabulary.push_back("value " + std::to_string(i));
  }
  return ir::to_json(manifest);
}

void time_statement(const char* what, const std::string& sql, Catalog& catalog,
                    const Schema& schema, std::size_t features) {
  const auto statement = parse(sql);
  check_plan(prepare(statement, catalog), schema, features);
  std::vector<double> times(9), work(9);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto before = std::clock();
    prepare(statement, catalog);
    work[i] = 1e3 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    times[i] =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  std::sort(times.begin(), times.end());
  std::sort(work.begin(), work.end());
  const auto middle = times.size() / 2;
  std::printf("%-30s ms  %6.2f [%.2f, %.2f]  of the processor %.2f  goal: under %g, %s\n", what,
              times[middle], times.front(), times.back(), work[middle], kGoal,
              times[middle] < kGoal ? "met" : "NOT met");
}

}  // namespace

int main() {
  MemoryCatalog catalog;
  const auto plain = static_cast<std::size_t>(kColumns / 4 * (3 + 6));  // a date has six parts
  const auto train = [](const std::string& clauses) {
    return "SELECT * FROM customers TO TRAIN xgboost.gbtree " + clauses + " LABEL churned INTO m;";
  };
  const auto time = [&](const char* what, const std::string& sql) {
    time_statement(what, sql, catalog, catalog.schema, plain);
  };
  std::printf("%d columns, %zu features; median [least, largest] of 9\n", kColumns, plain);
  time("TRAIN, every column", train(""));
  time("TRAIN, a pattern", train("COLUMN 'customer_.*[0-9]'"));
  time("TRAIN, each column by name", train("COLUMN " + all(name_of)));
  time("TRAIN, each in a function", train("COLUMN " + all(with_function)));
  time("TRAIN, 500 constraints", train("WITH monotone_constraints = " + constraints()));
  catalog.manifest = make_manifest(prepare(parse(train("")), catalog));
  // A prediction's query has its columns in another order.
  std::reverse(catalog.schema.begin(), catalog.schema.end());
  time("PREDICT, into a table", "SELECT * FROM customers TO PREDICT scores USING m;");
  time("PREDICT, rows without columns",
       "SELECT * FROM customers TO PREDICT WITH predict.columns = [] USING m;");
  return 0;
}
