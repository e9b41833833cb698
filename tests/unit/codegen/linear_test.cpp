// Linear models small enough to score by hand.

#include "codegen/forest/linear.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "codegen/model.h"

namespace quern::codegen {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Two features and two classes: weights by feature, then the biases.
std::string model_text(const std::string& weights) {
  return R"({"learner":{"gradient_booster":{"model":{"boosted_rounds":2,"weights":)" + weights +
         R"(},"name":"gblinear"},"learner_model_param":{"base_score":"5E-1","num_class":"2",
         "num_feature":"2"},"objective":{"name":"multi:softprob"}}})";
}

Result<Model> read(const std::string& text) {
  return read_xgboost_model({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Linear must_read() {
  auto model = read(model_text("[1E0,-2E0,0.5E0,0,3E0,4E0]"));
  if (!model) FAIL(model.errors().front().message);
  return std::get<Linear>(*std::move(model));
}

TEST_CASE("a linear model adds weight times value to bias and base margin; missing adds nothing") {
  const auto linear = must_read();
  const std::vector<float> rows = {2, 10, kNan, 10};
  std::vector<float> margins(4);
  predict_margins(linear, {rows.data(), 2, 2, 2, 1}, margins);
  CHECK(margins == std::vector<float>{3 + 0.5F + 2 + 5, 4 + 0.5F - 4, 3 + 0.5F + 5, 4 + 0.5F});
  CHECK(linear.link == Link::softmax);
}

TEST_CASE("margins of its own replace the base margins of a row") {
  const auto linear = must_read();
  const std::vector<float> rows = {2, 10, kNan, 10};
  const std::vector<float> base = {0, 1, 100, 200};
  std::vector<float> margins(4);
  predict_margins(linear, {rows.data(), 2, 2, 2, 1}, margins, base);
  CHECK(margins == std::vector<float>{3 + 0 + 2 + 5, 4 + 1 - 4, 3 + 100 + 5, 4 + 200});
  std::vector<double> values(6);
  explain_row(linear, {rows.data(), 2, 2, 2, 1}, 1, values, base);
  CHECK(values == std::vector<double>{0, 5, 103, 0, 0, 204});
}

TEST_CASE("attributions of a linear model are its terms") {
  const auto linear = must_read();
  const std::vector<float> row = {2, kNan};
  std::vector<double> values(6);
  explain_row(linear, {row.data(), 1, 2, 2, 1}, 0, values);
  CHECK(values == std::vector<double>{2, 0, 3.5, -4, 0, 4.5});
}

TEST_CASE("weights that are too few or not finite are refused") {
  for (const char* weights : {"[]", "[1,2,3,4,5]", "[1,2,3,4,5,6,7]", "[1,2,3,4,5,NaN]",
                              "[1,2,Infinity,4,5,6]", "\"none\""}) {
    const auto model = read(model_text(weights));
    INFO(weights);
    REQUIRE_FALSE(model.ok());
    CHECK(model.errors().front().code == Code::corrupt_model);
  }
}

}  // namespace
}  // namespace quern::codegen
