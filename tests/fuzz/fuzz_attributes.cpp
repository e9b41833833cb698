// Attribute values behind WITH, and the clauses behind them: folding, types, ranges, messages, and
// what is bound of them against a made-up catalog. The first character chooses the verb.

#include <algorithm>
#include <array>

#include "compiler/bind/bind.h"
#include "compiler/plan/plan.h"
#include "parser/parser.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/compiler/fake_catalog.h"

namespace quern::fuzz {
namespace {

struct Frame {
  const char* head;
  const char* tail;
};

constexpr std::array kFrames = {
    Frame{"SELECT 1 TO TRAIN xgboost.gbtree WITH ", " LABEL y INTO n"},
    Frame{"SELECT 1 TO TRAIN xgboost.dart WITH ", " LABEL s INTO n"},
    Frame{"SELECT 1 TO TRAIN xgboost.gblinear WITH ", " LABEL y INTO n"},
    Frame{"SELECT 1 TO TRAIN xgboost.XGBRanker WITH ", " LABEL y INTO n"},
    Frame{"SELECT 1 TO TRAIN xgboost.gbtree WITH ", " LABEL y USING m INTO n"},
    Frame{"SELECT 1 TO PREDICT o.p WITH ", " USING m"},
    Frame{"SELECT 1 TO EVALUATE m WITH ", " LABEL y INTO o"},
    Frame{"SELECT 1 TO EXPLAIN m WITH ", " INTO o"},
    Frame{"IMPORT MODEL 'a.json' WITH ", " INTO n"},
    Frame{"EXPORT MODEL m TO 'a.json' WITH ", ""},
    Frame{"SET quern.", ""},
};

tests::FakeCatalog catalog() {
  using tests::field;
  tests::FakeCatalog made;
  made.schema = {field("a", TypeKind::float64),   field("b", TypeKind::int32),
                 field("s", TypeKind::text),      field("d", TypeKind::date),
                 field("t", TypeKind::timestamp), field("e", TypeKind::decimal),
                 field("f", TypeKind::boolean),   field("y", TypeKind::int64)};
  auto list = field("l", TypeKind::list);
  list.type.element = std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::float32});
  list.type.size = 3;
  made.schema.push_back(list);
  made.tables["o"] = {};
  ir::Label label{.column = "y", .type = {.kind = TypeKind::int64}, .task = ir::Task::binary};
  label.classes = {Scalar{std::int64_t{0}}, Scalar{std::int64_t{1}}};
  made.models["m"] = tests::model({{"a", TypeKind::float64}, {"b", TypeKind::int32}}, label);
  return made;
}

/// Every number of a trial is one that its attribute may be.
void check_trials(const ir::Train& train) {
  if (!train.tuning) return;
  auto tuning = *train.tuning;
  tuning.trials = std::min(tuning.trials, 3);
  for (const auto& values : ir::trials_of(tuning, train.settings, 0)) {
    for (const auto* setting : ir::searched(train.settings)) {
      const auto at = std::find_if(values.begin(), values.end(),
                                   [&](const auto& v) { return v.spec == setting->spec; });
      if (at == values.end()) finding("a trial lacks a value");
      const auto* whole = std::get_if<std::int64_t>(&at->value);
      const auto* real = std::get_if<double>(&at->value);
      const auto& range = setting->search->range;
      const double v = whole != nullptr ? static_cast<double>(*whole) : real != nullptr ? *real : 0;
      if (range && !(v >= range->low && v <= range->high)) finding("a value is out of its range");
    }
  }
}

void check_bound(const ir::Statement& statement) {
  const auto wrong = ir::verify(statement);
  if (!wrong.empty()) finding("a bound statement is not sound: " + wrong);
  if (ir::dump(statement).empty()) finding("a statement without a dump");
  const auto* train = std::get_if<ir::Train>(&statement);
  if (train == nullptr) return;
  check_trials(*train);
  const plan::Environment environment{.engine = "fuzz"};
  (void)plan::engine_parameters(*train);
  (void)plan::dump(plan::plan(*train, environment), environment);
}

/// The round trip is in fuzz_statement; here it is cheap to look at odd values once more.
void check_text_and_bind(const std::string& text) {
  StatementReader reader(text);
  const auto next = reader.next(Dialect::duckdb);
  if (!next) return check_failure(next.errors(), text);
  if (!*next) return;
  const auto problems = check_text(**next);
  check_messages(problems, text);
  if (!problems.empty() || std::holds_alternative<Box<ast::Inspect>>((*next)->node)) return;
  auto made = catalog();
  const auto bound = bind(**next, made);
  if (!bound) return check_failure(bound.errors(), text);
  check_bound(*bound);
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern::fuzz;
  const auto choice = choose(data, size, kFrames.size());
  const auto& frame = kFrames.at(choice.way);
  check_text_and_bind(frame.head + std::string(text_of(choice.rest.data(), choice.rest.size())) +
                      frame.tail);
  return 0;
}
