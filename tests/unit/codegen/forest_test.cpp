// Forests small enough to score by hand, and what the reader says about models that are wrong.

#include "codegen/model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace quern::codegen {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// x0 < 1.5 ? (x1 in {0, 33} ? 20 : 10) : 30, missing x0 right and missing x1 left.
const std::string kTree = R"({"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],
  "split_indices":[0,1,0,0,0],"split_conditions":[1.5,NaN,3E1,1E1,2E1],
  "default_left":[0,1,0,0,0],"split_type":[0,1,0,0,0],"categories":[0,33],"categories_nodes":[1],
  "categories_segments":[0],"categories_sizes":[2]})";
const std::string kStump = R"({"left_children":[1,-1,-1],"right_children":[2,-1,-1],
  "split_indices":[0,0,0],"split_conditions":[0,-1,1],"default_left":[true,false,false]})";

struct ModelText {
  std::string objective = "reg:squarederror";
  std::string base_score = "5E-1";
  std::string classes = "0";
  std::string tree_info = "[0]";
  std::string trees = "[" + kTree + "]";
  std::string booster = "gbtree";
  std::string weights = "";

  std::string text() const {
    const auto model =
        R"({"model":{"tree_info":)" + tree_info + R"(,"trees":)" + trees + R"(},"name":"gbtree")";
    const auto dart = R"({"gbtree":)" + model + R"(},"name":"dart","weight_drop":)" + weights;
    const auto other = R"({"name":")" + booster + "\"";
    const auto& held = booster == "gbtree" ? model : booster == "dart" ? dart : other;
    return R"({"learner":{"gradient_booster":)" + held +
           R"(},"learner_model_param":{"base_score":")" + base_score + R"(","num_class":")" +
           classes + R"(","num_feature":"2"},"objective":{"name":")" + objective + R"("}}})";
  }
};

Result<Model> read(const std::string& text) {
  return read_xgboost_model({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Forest must_read(const ModelText& model) {
  auto forest = read(model.text());
  if (!forest) FAIL(forest.errors().front().message);
  return std::get<Forest>(*std::move(forest));
}

std::vector<float> score(const Forest& forest, std::vector<float> row) {
  std::vector<float> out(static_cast<std::size_t>(forest.outputs));
  predict_margins(forest, {row.data(), 1, forest.features, forest.features, 1}, out);
  return out;
}

TEST_CASE("a tree routes numbers, categories and missing values") {
  const auto forest = must_read({});
  CHECK(score(forest, {1.5F, 0}) == std::vector{30.5F});  // not below the threshold
  CHECK(score(forest, {std::nextafter(1.5F, 0.0F), 0}) == std::vector{20.5F});
  CHECK(score(forest, {kNan, 0}) == std::vector{30.5F});
  CHECK(score(forest, {-kInfinity, kNan}) == std::vector{10.5F});
  CHECK(score(forest, {0, 33}) == std::vector{20.5F});
  CHECK(score(forest, {0, 32}) == std::vector{10.5F});
}

TEST_CASE("a category outside the set goes left") {
  const auto forest = must_read({});
  for (const float out : {-1.0F, -0.5F, 1.0F, 34.0F, 63.0F, 64.0F, 1e6F, 16777216.0F, 3e9F, 1e38F,
                          kInfinity, -kInfinity}) {
    INFO(out);
    CHECK(score(forest, {0, out}) == std::vector{10.5F});
  }
  for (const float in : {0.0F, -0.0F, 0.9F, 33.0F, 33.9F}) {
    INFO(in);
    CHECK(score(forest, {0, in}) == std::vector{20.5F});
  }
}

TEST_CASE("trees add to the output they name, and dart weighs them") {
  ModelText model;
  model.classes = "3";
  model.objective = "multi:softprob";
  model.tree_info = "[2,0,2]";
  model.trees = "[" + kStump + "," + kStump + "," + kStump + "]";
  CHECK(score(must_read(model), {5, 0}) == std::vector{1.5F, 0.5F, 2.5F});
  model.booster = "dart";
  model.weights = "[1,0.25,-2]";
  CHECK(score(must_read(model), {-5, 0}) == std::vector{0.25F, 0.5F, 1.5F});
  model.base_score = "[1E0,2E0,-3E0]";
  CHECK(score(must_read(model), {-5, 0}) == std::vector{0.75F, 2.0F, -2.0F});
}

TEST_CASE("a leaf of -0 keeps its sign, but not in dart") {
  ModelText model;
  model.objective = "binary:logistic";  // a base score of a half is a margin of -0
  model.trees = R"([{"left_children":[-1],"right_children":[-1],"split_indices":[0],
    "split_conditions":[-0E0],"default_left":[0]}])";
  CHECK(std::signbit(score(must_read(model), {0, 0}).at(0)));
  model.booster = "dart";
  model.weights = "[1]";
  CHECK_FALSE(std::signbit(score(must_read(model), {0, 0}).at(0)));
}

TEST_CASE("a view may be column-major") {
  const auto forest = must_read({});
  const float columns[] = {0, 9, kNan, 33, 33, 33};
  std::vector<float> out(3);
  predict_margins(forest, {columns, 3, 2, 1, 3}, out);
  CHECK(out == std::vector{20.5F, 30.5F, 30.5F});
}

TEST_CASE("the base score becomes a margin") {
  const auto margin = [](const std::string& objective, const std::string& score) {
    ModelText model;
    model.objective = objective;
    model.base_score = score;
    return must_read(model).base_margins.at(0);
  };
  CHECK(margin("binary:logistic", "5E-1") == 0);
  CHECK(margin("reg:logistic", "2.5E-1") == -std::log(3.0F));
  CHECK(margin("binary:logitraw", "2.5E-1") == 0.25F);
  CHECK(margin("reg:gamma", "2E0") == std::log(2.0F));
  CHECK(margin("binary:hinge", "5E-1") == 0.5F);
  CHECK(margin("reg:squarederror", "[7E0]") == 7);
}

TEST_CASE("links turn margins into predictions") {
  const auto linked = [](Link link, std::vector<float> margins, int outputs = 1) {
    apply_link(link, outputs, margins);
    return margins;
  };
  CHECK(linked(Link::identity, {3}) == std::vector{3.0F});
  CHECK(linked(Link::logistic, {0, 200, -1000}).at(0) == 0.5F);
  CHECK(linked(Link::logistic, {200}) == std::vector{1.0F});
  CHECK(linked(Link::exponential, {0}) == std::vector{1.0F});
  CHECK(linked(Link::hinge, {-1, 0, 1}) == std::vector{0.0F, 0.0F, 1.0F});
  CHECK(linked(Link::softmax, {1, 1, 500, 500}, 2) == std::vector{0.5F, 0.5F, 0.5F, 0.5F});
  CHECK(linked(Link::softmax_class, {1, 3, 3, 5, 4, 0}, 3) == std::vector<float>{1, 0, 0, 0, 0, 0});
}

TEST_CASE("a model without trees predicts its base score") {
  ModelText model;
  model.trees = "[]";
  model.tree_info = "[]";
  CHECK(score(must_read(model), {0, 0}) == std::vector{0.5F});
}

TEST_CASE("trees are summed by id, and pruned nodes are dropped") {
  ModelText model;
  model.tree_info = "[0,0]";
  model.trees = R"([{"id":1,)" + kStump.substr(1) + R"(,{"id":0,"left_children":[3,7,7,-1,-1],
    "right_children":[4,7,7,-1,-1],"split_indices":[1,99,99,0,0],
    "split_conditions":[1,NaN,NaN,2,3],"default_left":[1,0,0,0,0]}])";
  const auto forest = must_read(model);
  REQUIRE(forest.trees.size() == 2);
  CHECK(forest.trees[0].nodes.size() == 3);
  CHECK(forest.trees[0].nodes[0].feature == 1);
  CHECK(forest.trees[1].nodes[0].feature == 0);
}

struct Wrong {
  const char* from;
  const char* to;
  const char* message;
};

/// The message for a right model in which one thing is made wrong.
std::string message_for(const std::string& from, const std::string& to) {
  ModelText model;
  auto text = model.text();
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const auto forest = read(text);
  if (forest) return "accepted";
  CHECK(forest.errors().front().code == Code::corrupt_model);
  return forest.errors().front().message;
}

TEST_CASE("a damaged model is refused with what is wrong where") {
  const Wrong wrongs[] = {
      {"[1,3,-1", "[1,0,-1", "node 0 has two parents (tree 0)"},
      {"[1,3,-1", "[1,2,-1", "node 2 has two parents"},
      {"[1,3,-1", "[1,5,-1", "node 1 has a child that does not exist"},
      {"[1,3,-1", "[1,-1,-1", "node 1 has a child that does not exist"},
      {"[1,3,-1", "[1,2.5,-1", "node 1 has a child that does not exist"},
      {"[1,3,-1", "[1,-1", "node arrays differ"},
      {"[0,1,0,0,0],\"split_c", "[0,2,0,0,0],\"split_c", "node 1 splits a feature"},
      {"[1.5,", "[NaN,", "node 0 has no threshold"},
      {"3E1", "NaN", "node 2 is a leaf without a finite weight"},
      {"3E1", "Infinity", "node 2 is a leaf without a finite weight"},
      {"3E1", "1E40", "node 2 is a leaf without a finite weight"},
      {"\"categories_nodes\":[1]", "\"categories_nodes\":[5]", "category list 0"},
      {"\"categories_nodes\":[1]", "\"categories_nodes\":[2]", "node 1 has no category list"},
      {"\"categories_sizes\":[2]", "\"categories_sizes\":[3]", "category list 0"},
      {"\"categories_sizes\":[2]", "\"categories_sizes\":[]", "category arrays differ"},
      {"[0,33]", "[0,-1]", "node 1 lists a category"},
      {"[0,33]", "[0,16777216]", "node 1 lists a category"},
      {"[0,33]", "[0,\"a\"]", "neither UBJ nor JSON: array of mixed values"},
      {"\"tree_info\":[0]", "\"tree_info\":[1]", "tree_info names an output"},
      {"\"tree_info\":[0]", "\"tree_info\":[0,0]", "tree_info has 2 entries for 1 trees"},
      {"\"num_class\":\"0\"", "\"num_class\":\"-3\"", "num_class is not a size"},
      {"\"num_class\":\"0\"", "\"num_class\":\"99999999\"", "num_class is not a size"},
      {"\"5E-1\"", "\"x\"", "base_score"},
      {"\"5E-1\"", "\"[1,2]\"", "base_score has another number of values"},
      {"\"5E-1\"", "\"nan\"", "base_score is outside"},
      {"\"split_conditions\"", "\"split\"", "split_conditions is missing"},
      {"\"learner\"", "\"learned\"", "learner is missing"},
  };
  for (const auto& wrong : wrongs) {
    INFO(wrong.from << " -> " << wrong.to);
    CHECK_THAT(message_for(wrong.from, wrong.to), Catch::Contains(wrong.message));
  }
}

TEST_CASE("what is no model at all is refused") {
  for (const auto* text : {"", "{", "[]", "{}", "null", "binf", "hello", "{\"learner\":{}} x"}) {
    INFO(text);
    const auto forest = read(text);
    REQUIRE_FALSE(forest.ok());
    CHECK(forest.errors().front().code == Code::corrupt_model);
  }
}

TEST_CASE("category sets are bounded") {
  ModelText model;
  std::string tree = kTree;
  tree.replace(tree.find("[0,33]"), 6, "[0,16777215]");
  model.trees = "[" + tree;
  model.tree_info = "[0";
  for (int i = 0; i < 128; ++i) {
    model.trees += "," + tree;
    model.tree_info += ",0";
  }
  model.trees += "]";
  model.tree_info += "]";
  const auto forest = read(model.text());
  REQUIRE_FALSE(forest.ok());
  CHECK_THAT(forest.errors().front().message, Catch::Contains("more than 256 MB"));
}

TEST_CASE("what this version does not read is named") {
  const auto refusal = [](ModelText model) {
    const auto forest = read(model.text());
    REQUIRE_FALSE(forest.ok());
    CHECK(forest.errors().front().code == Code::not_in_this_version);
    return forest.errors().front().message;
  };
  ModelText model;
  model.booster = "gbneural";
  CHECK_THAT(refusal(model), Catch::Contains("gbneural"));
  model = {};
  model.objective = "my:own";
  CHECK_THAT(refusal(model), Catch::Contains("my:own"));
  model = {};
  model.trees.insert(2, R"("tree_param":{"size_leaf_vector":"3"},)");
  CHECK_THAT(refusal(model), Catch::Contains("several outputs"));
}

}  // namespace
}  // namespace quern::codegen
