// Truth beside prediction: which class a label's value is, and what cannot be evaluated.

#include "runtime/metrics/scored_rows.h"

#include <catch2/catch.hpp>

#include "base/column_builder.h"

using namespace quern;
using runtime::ScoredRows;

namespace {

ir::Label yes_no() {
  ir::Label label;
  label.column = "y";
  label.type.kind = TypeKind::text;
  label.task = ir::Task::binary;
  label.classes.emplace_back(std::string("no"));
  label.classes.emplace_back(std::string("yes"));
  return label;
}

Column texts(const std::vector<std::string>& values) {
  ColumnBuilder out({.kind = TypeKind::text});
  for (const auto& value : values) value.empty() ? out.append_null() : out.append_text(value);
  return out.finish();
}

}  // namespace

TEST_CASE("classes are the model's, and a probability at the cut is not positive") {
  const auto label = yes_no();
  ScoredRows rows(label);
  rows.add(texts({"yes", "no"}), {0.9F, 0.5F}, 1, 0.5);
  rows.add(texts({"no"}), {0.75F}, 1, 0.5);
  REQUIRE(rows.check());
  CHECK(rows.classes() == std::vector<std::uint32_t>{1, 0, 0});
  CHECK(rows.predicted() == std::vector<std::uint32_t>{1, 0, 1});
  CHECK(rows.confusion().at(0, 1) == 1);
}

TEST_CASE("what cannot be evaluated is named with its count") {
  const auto label = yes_no();
  ScoredRows none(label);
  CHECK(none.check().errors().front().code == Code::no_rows);
  ScoredRows nulls(label);
  nulls.add(texts({"yes", ""}), {0.9F, 0.5F}, 1, 0.5);
  CHECK(nulls.check().errors().front().code == Code::label_null);
  ScoredRows unknown(label);
  unknown.add(texts({"maybe", "perhaps"}), {0.9F, 0.5F}, 1, 0.5);
  CHECK(unknown.check().errors().front().message ==
        "label y holds classes that the model was not trained on in 2 rows, first maybe");
}
