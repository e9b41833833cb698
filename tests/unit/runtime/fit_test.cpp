// The one pass: vocabularies, hashing in mid-batch, kinds of labels.

#include "runtime/fit/fit.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/column_builder.h"
#include "codegen/interpret/features.h"

using namespace quern;
using runtime::Fitter;

namespace {

/// A plan over one text feature and one int64 label.
plan::Train text_plan(ir::LabelRole role) {
  plan::Train plan;
  auto& s = plan.statement;
  s.query.description.schema = {{"t", {.kind = TypeKind::text}}, {"y", {.kind = TypeKind::int64}}};
  s.program.inputs = {{"t", TypeKind::text}};
  s.program.features = {{"t", 0, ir::Category{}}};
  s.input_columns = {0};
  s.label_column = 1;
  s.label_role = role;
  plan.page_rows = 512;
  s.split.method = ir::SplitMethod::none;
  return plan;
}

struct Row {
  std::string text;
  std::int64_t label;
};

ColumnBatch batch_of(const std::vector<Row>& rows) {
  ColumnBuilder texts({.kind = TypeKind::text}), labels({.kind = TypeKind::int64});
  for (const auto& row : rows) {
    row.text.empty() ? texts.append_null() : texts.append_text(row.text);
    labels.append_int(row.label);
  }
  return {static_cast<std::int64_t>(rows.size()), {texts.finish(), labels.finish()}};
}

/// Every feature value and label of the pages, in row order.
std::vector<std::pair<float, float>> all(runtime::PageStore& pages) {
  std::vector<std::pair<float, float>> out;
  pages.rewind();
  runtime::PageView page;
  while (*pages.next(page)) {
    for (std::int64_t r = 0; r < page.rows; ++r) out.emplace_back(page.features[r], page.labels[r]);
  }
  return out;
}

}  // namespace

TEST_CASE("a vocabulary is sorted bytewise whatever the order of the rows, and NULL is missing") {
  const auto plan = text_plan(ir::LabelRole::number);
  Fitter fitter(plan);
  fitter.add(batch_of({{"b", 1}, {"é", 2}, {"", 3}, {"B", 4}, {"b", 5}}));
  auto fitted = fitter.finish();
  REQUIRE(fitted);
  CHECK(std::get<ir::Category>(fitted->program.features[0].transform).vocabulary ==
        std::vector<std::string>{"B", "b", "é"});
  const auto rows = all(*fitted->pages);
  CHECK(rows[0].first == 1);
  CHECK(rows[1].first == 2);
  CHECK(std::isnan(rows[2].first));
  CHECK(rows[3].first == 0);
}

TEST_CASE(
    "pages hold what the fitted program computes, also when hashing starts in the middle of a "
    "batch") {
  const auto plan = text_plan(ir::LabelRole::number);
  Fitter fitter(plan);
  std::vector<ColumnBatch> batches;
  for (int b = 0; b < 3; ++b) {
    std::vector<Row> rows;
    for (int i = 0; i < 700; ++i) {
      const int n = b * 700 + i;
      rows.push_back({n % 10 == 3 ? "" : "value " + std::to_string(n), n});
    }
    batches.push_back(batch_of(rows));
    fitter.add(batches.back());
  }
  auto fitted = fitter.finish();
  REQUIRE(fitted);
  CHECK(std::holds_alternative<ir::HashedCategory>(fitted->program.features[0].transform));
  const codegen::FeatureInterpreter interpreter(fitted->program, {0});
  const auto rows = all(*fitted->pages);
  std::size_t at = 0;
  for (const auto& batch : batches) {
    std::vector<float> expected(static_cast<std::size_t>(batch.rows));
    REQUIRE(interpreter.run(batch, expected.data(), batch.rows));
    for (const float value : expected) {
      const float stored = rows[at++].first;
      CHECK((stored == value || (std::isnan(stored) && std::isnan(value))));
    }
  }
}

TEST_CASE("two distinct numbers are classes in numeric order; a third makes the label a number") {
  const auto plan = text_plan(ir::LabelRole::by_data);
  Fitter two(plan);
  two.add(batch_of({{"a", 7}, {"a", -2}, {"a", 7}}));
  auto classes = two.finish();
  REQUIRE(classes);
  CHECK(classes->label.task == ir::Task::binary);
  CHECK(classes->label.classes == std::vector<Scalar>{std::int64_t{-2}, std::int64_t{7}});
  CHECK(all(*classes->pages)[0].second == 1);
  CHECK(all(*classes->pages)[1].second == 0);

  Fitter three(plan);
  for (int b = 0; b < 4; ++b) three.add(batch_of({{"a", 7}, {"a", -2}, {"a", b * 100}, {"b", 5}}));
  auto number = three.finish();
  REQUIRE(number);
  CHECK(number->label.task == ir::Task::regression);
  CHECK(number->objective->name == "reg:squarederror");
  REQUIRE(number->notes.size() == 1);
  const auto rows = all(*number->pages);
  CHECK(rows[0].second == 7);
  CHECK(rows[1].second == -2);
  CHECK(rows[6].second == 100);
  CHECK(rows[15].second == 5);
}

TEST_CASE("labels that give nothing to learn are refused, with what they are") {
  const auto plan = text_plan(ir::LabelRole::by_data);
  Fitter one(plan);
  one.add(batch_of({{"a", 3}, {"b", 3}}));
  CHECK(one.finish().errors().front().code == Code::single_class);
  Fitter none(plan);
  CHECK(none.finish().errors().front().code == Code::no_rows);
}

TEST_CASE("integers beyond 2^53 cannot be classes: neighbours would fall together") {
  const auto plan = text_plan(ir::LabelRole::classes);
  Fitter fitter(plan);
  fitter.add(batch_of({{"a", 9007199254740992}, {"b", 9007199254740993}}));
  CHECK(fitter.finish().errors().front().code == Code::label_not_finite);
}
