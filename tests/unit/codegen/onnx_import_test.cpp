// Graphs of others, small enough to compute by hand.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "codegen/import/foreign_model.h"
#include "codegen/import/read_onnx.h"
#include "codegen/scorer.h"

namespace quern::codegen {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr const char* kMl = "ai.onnx.ml";

using Floats = std::vector<float>;
using Doubles = std::vector<double>;
using Longs = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

/// A graph over one input x of some columns, with one output y.
Graph graph_of(std::vector<GraphNode> nodes, std::vector<Constant> constants = {},
               std::int64_t columns = 1) {
  Graph out;
  out.inputs = {{"x", Element::f32, {-1, columns}}};
  out.outputs = {{"y", Element::f32, {-1, 1}}};
  out.nodes = std::move(nodes);
  out.constants = std::move(constants);
  return out;
}

/// A tree of one split, 1 where the comparison holds and 0 where not.
GraphNode stump(const std::string& mode, float threshold, std::int64_t missing_yes = 0) {
  return {"TreeEnsembleRegressor",
          kMl,
          {"x"},
          {"y"},
          {{"nodes_treeids", Longs{0, 0, 0}},
           {"nodes_nodeids", Longs{5, 7, 6}},
           {"nodes_featureids", Longs{0, 0, 0}},
           {"nodes_modes", Texts{mode, "LEAF", "LEAF"}},
           {"nodes_values", Floats{threshold, 0, 0}},
           {"nodes_truenodeids", Longs{7, 0, 0}},
           {"nodes_falsenodeids", Longs{6, 0, 0}},
           {"nodes_missing_value_tracks_true", Longs{missing_yes, 0, 0}},
           {"target_treeids", Longs{0, 0}},
           {"target_nodeids", Longs{7, 6}},
           {"target_ids", Longs{0, 0}},
           {"target_weights", Floats{1, 0}}}};
}

ForeignModel must_read(const Graph& graph, const ForeignWishes& wishes = {}) {
  auto model = read_foreign(graph, wishes);
  if (!model) FAIL(model.errors().front().message);
  return *std::move(model);
}

/// Answers to rows of an imported model.
Floats answers(const ForeignModel& foreign, const Floats& rows) {
  ir::Manifest manifest;
  manifest.objective = foreign.objective;
  manifest.payload_format = foreign.payload_format;
  manifest.program = foreign.program;
  manifest.label.task = foreign.task;
  manifest.label.classes.resize(foreign.classes);
  const auto model = read_model(manifest, foreign.payload);
  if (!model) FAIL(model.errors().front().message);
  const auto& shape = shape_of(*model);
  const auto count = static_cast<std::int64_t>(rows.size()) / shape.features;
  Floats out(static_cast<std::size_t>(count * shape.outputs));
  predict_margins(*model, {rows.data(), count, shape.features, shape.features, 1}, out);
  apply_link(shape.link, shape.outputs, out);
  return out;
}

std::string refusal(const Graph& graph, Code code) {
  const auto model = read_foreign(graph, {});
  if (model) FAIL("it was read");
  CHECK(model.errors().front().code == code);
  return model.errors().front().message;
}

TEST_CASE(
    "comparisons hold where ONNX says, at the threshold, beside it, and for what is missing") {
  const float below = std::nextafter(2.0F, -kInfinity), above = std::nextafter(2.0F, kInfinity);
  const Floats rows = {below, 2, above, kNan, -kInfinity, kInfinity};
  const auto of = [&](const std::string& mode, std::int64_t missing_yes) {
    return answers(must_read(graph_of({stump(mode, 2, missing_yes)})), rows);
  };
  CHECK(of("BRANCH_LT", 0) == Floats{1, 0, 0, 0, 1, 0});
  CHECK(of("BRANCH_LT", 1) == Floats{1, 0, 0, 1, 1, 0});
  CHECK(of("BRANCH_LEQ", 0) == Floats{1, 1, 0, 0, 1, 0});
  CHECK(of("BRANCH_LEQ", 1) == Floats{1, 1, 0, 1, 1, 0});
  CHECK(of("BRANCH_GT", 0) == Floats{0, 0, 1, 0, 0, 1});
  CHECK(of("BRANCH_GT", 1) == Floats{0, 0, 1, 1, 0, 1});
  CHECK(of("BRANCH_GTE", 0) == Floats{0, 1, 1, 0, 0, 1});
  CHECK(of("BRANCH_GTE", 1) == Floats{0, 1, 1, 1, 0, 1});
}

TEST_CASE("thresholds in float64 part float32 numbers where float64 would") {
  const float below = std::nextafter(2.0F, -kInfinity), above = std::nextafter(2.0F, kInfinity);
  const Floats rows = {below, 2, above, -kInfinity, kInfinity};
  const auto of = [&](const std::string& mode, double threshold) {
    auto node = stump(mode, 0);
    node.attributes[4] = {"nodes_values_as_tensor", Doubles{threshold, 0, 0}};
    return answers(must_read(graph_of({node})), rows);
  };
  CHECK(of("BRANCH_LT", 2 + 1e-12) == Floats{1, 1, 0, 1, 0});
  CHECK(of("BRANCH_LT", 2 - 1e-12) == Floats{1, 0, 0, 1, 0});
  CHECK(of("BRANCH_LEQ", 2 + 1e-12) == Floats{1, 1, 0, 1, 0});
  CHECK(of("BRANCH_LEQ", 2 - 1e-12) == Floats{1, 0, 0, 1, 0});
  CHECK(of("BRANCH_GT", 2 - 1e-12) == Floats{0, 1, 1, 0, 1});
  CHECK(of("BRANCH_GTE", 2 + 1e-12) == Floats{0, 0, 1, 0, 1});
  CHECK(of("BRANCH_LT", 1e300) == Floats{1, 1, 1, 1, 0});
  CHECK(of("BRANCH_GT", -1e300) == Floats{1, 1, 1, 0, 1});
}

TEST_CASE("a threshold without end parts what is missing from what is not") {
  const Floats rows = {-kInfinity, 0, kInfinity, kNan};
  CHECK(answers(must_read(graph_of({stump("BRANCH_LEQ", kInfinity)})), rows) == Floats{1, 1, 1, 0});
  CHECK(answers(must_read(graph_of({stump("BRANCH_GT", kInfinity, 1)})), rows) ==
        Floats{0, 0, 0, 1});
  CHECK(answers(must_read(graph_of({stump("BRANCH_GTE", -kInfinity)})), rows) ==
        Floats{1, 1, 1, 0});
}

TEST_CASE("equality asks for a category's code; NaN is unequal to all") {
  const Floats rows = {0, 33, 34, -1, kNan};
  CHECK(answers(must_read(graph_of({stump("BRANCH_EQ", 33)})), rows) == Floats{0, 1, 0, 0, 0});
  CHECK(answers(must_read(graph_of({stump("BRANCH_NEQ", 33)})), rows) == Floats{1, 0, 1, 1, 1});
  CHECK(refusal(graph_of({stump("BRANCH_EQ", 0.5F)}), Code::not_in_this_version)
            .find("no category's code") != std::string::npos);
}

/// Nodes with their ids in order: modes, thresholds and children; leaves weigh what is given.
GraphNode tree_of(const std::string& op, const Texts& modes, const Floats& values, const Longs& yes,
                  const Longs& no, const std::string& leaf, const Longs& leaves,
                  const Longs& outputs, const Floats& weights) {
  const auto count = modes.size();
  Longs ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(static_cast<std::int64_t>(i));
  return {op,
          kMl,
          {"x"},
          op == "TreeEnsembleClassifier" ? Texts{"label", "y"} : Texts{"y"},
          {{"nodes_treeids", Longs(count)},
           {"nodes_nodeids", ids},
           {"nodes_featureids", Longs(count)},
           {"nodes_modes", modes},
           {"nodes_values", values},
           {"nodes_truenodeids", yes},
           {"nodes_falsenodeids", no},
           {leaf + "_treeids", Longs(leaves.size())},
           {leaf + "_nodeids", leaves},
           {leaf + "_ids", outputs},
           {leaf + "_weights", weights}}};
}

TEST_CASE("equalities that lead to one node are a set, whatever their order in the file") {
  const std::string eq = "BRANCH_EQ", leaf = "LEAF";
  // 0: x == 2 ? 3 : 1; 1: x == 40 ? 3 : 2; 2: x == 7 ? 3 : 4.
  const auto chain = tree_of("TreeEnsembleRegressor", {eq, eq, eq, leaf, leaf}, {2, 40, 7, 0, 0},
                             {3, 3, 3, 0, 0}, {1, 2, 4, 0, 0}, "target", {3, 4}, {0, 0}, {1, -1});
  // The same with the last first: 2: x == 2 ? 3 : 1; 1: x == 40 ? 3 : 0; 0: x == 7 ? 3 : 4.
  const auto turned = tree_of("TreeEnsembleRegressor", {eq, eq, eq, leaf, leaf}, {7, 40, 2, 0, 0},
                              {3, 3, 3, 0, 0}, {4, 0, 1, 0, 0}, "target", {3, 4}, {0, 0}, {1, -1});
  const Floats rows = {2, 40, 7, 0, 3, 41, kNan}, expected = {1, 1, 1, -1, -1, -1, -1};
  CHECK(answers(must_read(graph_of({chain})), rows) == expected);
  CHECK(answers(must_read(graph_of({turned})), rows) == expected);
}

TEST_CASE("shares of classes are probabilities as they are, of two classes those of the second") {
  const std::string less = "BRANCH_LT", leaf = "LEAF";
  auto two = tree_of("TreeEnsembleClassifier", {less, leaf, leaf}, {0, 0, 0}, {1, 0, 0}, {2, 0, 0},
                     "class", {1, 1, 2, 2}, {0, 1, 0, 1}, {0.25F, 0.75F, 1, 0});
  auto three = tree_of("TreeEnsembleClassifier", {less, leaf, leaf}, {0, 0, 0}, {1, 0, 0},
                       {2, 0, 0}, "class", {1, 1, 2}, {0, 2, 1}, {0.25F, 0.75F, 1});
  two.attributes.push_back({"classlabels_int64s", Longs{3, 5}});
  three.attributes.push_back({"classlabels_strings", Texts{"a", "b", "c"}});
  const auto of_two = must_read(graph_of({two})), of_three = must_read(graph_of({three}));
  CHECK(of_two.objective == "quern:shares");
  CHECK(of_two.task == ir::Task::binary);
  CHECK(answers(of_two, {-1, 1}) == Floats{0.75F, 0});
  CHECK(answers(of_three, {-1, 1}) == Floats{0.25F, 0, 0.75F, 0, 1, 0});
}

TEST_CASE("what scales and fills columns before a tree becomes steps of its features") {
  auto tree = stump("BRANCH_LT", 2);
  tree.inputs = {"s"};
  const Graph graph =
      graph_of({{"Imputer",
                 kMl,
                 {"x"},
                 {"i"},
                 {{"imputed_value_floats", Floats{10}}, {"replaced_value_float", kNan}}},
                {"Sub", "", {"i", "two"}, {"d"}},
                {"Div", "", {"d", "four"}, {"s"}},
                tree},
               {{"two", {}, Floats{2}}, {"four", {1}, Floats{4}}});
  const auto model = must_read(graph, {.columns = {"width"}, .classes = 0});
  CHECK(model.program.inputs.front().name == "width");
  const std::vector<ir::Step> steps = {ir::Impute{ir::Replacement::constant, 10},
                                       ir::Standardize{2, 4}};
  CHECK(model.program.features.front().steps == steps);
}

/// A graph over one column of texts: 1 among zeros, for b, for c and for a, as `hot`.
Graph over_texts(std::vector<GraphNode> nodes, std::vector<Constant> constants = {}) {
  auto out =
      graph_of({{"OneHotEncoder", kMl, {"x"}, {"h"}, {{"cats_strings", Texts{"b", "c", "a"}}}},
                {"Flatten", "", {"h"}, {"hot"}}},
               std::move(constants));
  out.inputs.front().element = Element::text;
  for (auto& node : nodes) out.nodes.push_back(std::move(node));
  return out;
}

TEST_CASE("ones of a category are one feature to trees, which split by its codes") {
  for (const std::string mode : {"BRANCH_LT", "BRANCH_GTE", "BRANCH_EQ"}) {
    auto node = stump(mode, mode == "BRANCH_EQ" ? 1 : 0.5F);  // of b, whose code is 1
    node.inputs = {"hot"};
    const auto model = must_read(over_texts({node}));
    REQUIRE(model.program.features.size() == 1);
    const auto& category = std::get<ir::Category>(model.program.features.front().transform);
    CHECK(category.vocabulary == Texts{"a", "b", "c"});
    CHECK(category.for_null == ir::TextForNull{false, ""});
    const Floats expected = mode == "BRANCH_LT" ? Floats{1, 0, 1, 1} : Floats{0, 1, 0, 0};
    CHECK(answers(model, {0, 1, 2, 3}) == expected);
  }
}

TEST_CASE("a linear model has a weight for each category") {
  const auto model = must_read(
      over_texts({{"Scaler", kMl, {"hot"}, {"s"}, {{"offset", Floats{0.5F}}, {"scale", Floats{2}}}},
                  {"MatMul", "", {"s", "w"}, {"y"}}},
                 {{"w", {3, 1}, Floats{1, 10, 100}}}));
  CHECK(model.estimator == "onnx.linear");
  REQUIRE(model.program.groups.size() == 1);
  CHECK(model.program.features.front().hidden);
  // Absent, each of the three is scaled to -1; the one that is there to 1.
  CHECK(answers(model, {1, kNan, kNan, kNan, 1, kNan, kNan, kNan, 1, kNan, kNan, kNan}) ==
        Floats{89, -109, -91, -111});
}

TEST_CASE("a network looks categories up, in whatever part and order they stand") {
  const Constant twice{"w", {2, 1}, Floats{1, 10}};
  const auto whole = must_read(over_texts({{"Gemm", "", {"hot", "a"}, {"g"}},
                                           {"Relu", "", {"g"}, {"r"}},
                                           {"MatMul", "", {"r", "w"}, {"y"}}},
                                          {{"a", {3, 2}, Floats{1, 2, 3, 4, 5, -6}}, twice}));
  CHECK(answers(whole, {0, 1, 2, 3}) == Floats{5, 21, 43, 0});
  auto part = over_texts({{"Relu", "", {"p"}, {"r"}}, {"MatMul", "", {"r", "w"}, {"y"}}},
                         {{"two", {2}, Longs{2, 0}}, twice});
  part.nodes.insert(part.nodes.begin() + 2,
                    {"Gather", "", {"hot", "two"}, {"p"}, {{"axis", std::int64_t{1}}}});
  CHECK(answers(must_read(part), {0, 1, 2, 3}) == Floats{1, 10, 0, 0});
}

TEST_CASE("rows of a table are an embedding, by numbers or by what texts are encoded as") {
  const Constant table{"t", {3, 2}, Floats{1, 2, 3, 4, 5, 6}};
  const Constant weights{"w", {2, 1}, Floats{1, 100}};
  const std::vector<GraphNode> behind = {
      {"Flatten", "", {"e"}, {"v"}}, {"Relu", "", {"v"}, {"r"}}, {"MatMul", "", {"r", "w"}, {"y"}}};
  auto numbers = graph_of({{"Gather", "", {"t", "x"}, {"e"}}}, {table, weights});
  numbers.inputs.front().element = Element::int64;
  auto texts = graph_of({{"LabelEncoder",
                          kMl,
                          {"x"},
                          {"i"},
                          {{"keys_strings", Texts{"b", "a"}}, {"values_int64s", Longs{2, 0}}}},
                         {"Gather", "", {"t", "i"}, {"e"}}},
                        {table, weights});
  texts.inputs.front().element = Element::text;
  for (auto* graph : {&numbers, &texts})
    graph->nodes.insert(graph->nodes.end(), behind.begin(), behind.end());
  CHECK(answers(must_read(numbers), {0, 1, 2, 3}) == Floats{201, 403, 605, 0});
  // The default of -1 is the last row.
  CHECK(answers(must_read(texts), {0, 1, 2}) == Floats{201, 605, 605});
}

TEST_CASE("what only categories can be read as goes to nothing else") {
  const auto of = [&](GraphNode node, Element element) {
    auto graph = graph_of({std::move(node), {"Relu", "", {"h"}, {"y"}}});
    graph.inputs.front().element = element;
    return refusal(graph, Code::not_in_this_version);
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(of({"Identity", "", {"x"}, {"h"}}, Element::text), "Relu (node y) reads texts"));
  CHECK(has(of({"Cast", "", {"x"}, {"h"}, {{"to", std::int64_t{7}}}}, Element::f32),
            "reads numbers without their fractions"));
  const GraphNode hot{"OneHotEncoder", kMl, {"x"}, {"h"}, {{"cats_int64s", Longs{0, 1}}}};
  CHECK(has(of(hot, Element::int64), "reads a tensor of three dimensions"));
  CHECK(has(of(hot, Element::text), "looks for numbers among texts"));
}

TEST_CASE("two scores that are each other's opposite are one margin") {
  const GraphNode node{"LinearClassifier",
                       kMl,
                       {"x"},
                       {"label", "y"},
                       {{"coefficients", Floats{-1, -2, 1, 2}},
                        {"intercepts", Floats{-0.5F, 0.5F}},
                        {"classlabels_strings", Texts{"no", "yes"}},
                        {"post_transform", std::string("LOGISTIC")}}};
  const auto model = must_read(graph_of({node}, {}, 2));
  CHECK(model.objective == "binary:logistic");
  CHECK(model.known_classes == std::vector<Scalar>{std::string("no"), std::string("yes")});
  CHECK(answers(model, {1, -1})[0] == Approx(1 / (1 + std::exp(0.5))));
}

TEST_CASE("layers, and a softmax of two classes as its difference") {
  const Graph graph =
      graph_of({{"Gemm", "", {"x", "a"}, {"h"}, {{"transB", std::int64_t{1}}, {"alpha", 2.0F}}},
                {"Relu", "", {"h"}, {"r"}},
                {"MatMul", "", {"r", "b"}, {"m"}},
                {"Add", "", {"m", "c"}, {"z"}},
                {"Softmax", "", {"z"}, {"y"}}},
               {{"a", {2, 1}, Floats{1, -1}},
                {"b", {2, 2}, Floats{1, 3, 5, 7}},
                {"c", {2}, Floats{0.5F, 1}}});
  const auto model = must_read(graph);
  CHECK(model.estimator == "onnx.network");
  CHECK(model.task == ir::Task::binary);
  // x = 2: r = [4, 0], z = [4.5, 13]; x = -1: r = [0, 2], z = [10.5, 15].
  const auto found = answers(model, {2, -1});
  CHECK(found[0] == Approx(1 / (1 + std::exp(-8.5))));
  CHECK(found[1] == Approx(1 / (1 + std::exp(-4.5))));
}

TEST_CASE("numbers are margins where classes are wished for") {
  const Graph graph =
      graph_of({{"MatMul", "", {"x", "a"}, {"y"}}}, {{"a", {1, 3}, Floats{1, 2, 3}}});
  CHECK(refusal(graph, Code::not_in_this_version).find("3 numbers a row") != std::string::npos);
  const auto model = must_read(graph, {.columns = {}, .classes = 3});
  CHECK(model.objective == "multi:softprob");
  CHECK(model.task == ir::Task::multiclass);
}

TEST_CASE("what is not read is named, by operator and node") {
  GraphNode node{"Conv", "", {"x"}, {"y"}};
  node.name = "first";
  CHECK(refusal(graph_of({node}), Code::not_in_this_version) ==
        "the ONNX graph is not read: operator Conv (node first) is of a kind that is not read");
}

TEST_CASE("graphs that cannot be are damaged") {
  auto unknown = stump("BRANCH_LT", 2);
  unknown.inputs = {"z"};
  CHECK(refusal(graph_of({unknown}), Code::corrupt_model).find("reads z") != std::string::npos);
  CHECK(refusal(graph_of({stump("BRANCH_LT", kNan)}), Code::corrupt_model)
            .find("threshold that is not a number") != std::string::npos);
  auto circle = stump("BRANCH_LT", 2);
  std::get<Longs>(circle.attributes[5].value)[0] = 5;
  CHECK(refusal(graph_of({circle}), Code::corrupt_model).find("circle among its nodes") !=
        std::string::npos);
  CHECK(refusal(graph_of({}), Code::corrupt_model) ==
        "the ONNX file is damaged: nothing gives output y");
}

TEST_CASE("small graphs cannot ask for much: columns that double with each node") {
  std::vector<GraphNode> nodes;
  std::string last = "x";
  for (int i = 0; i < 40; ++i) {
    const auto next = "c" + std::to_string(i);
    nodes.push_back({"Concat", "", {last, last}, {next}, {{"axis", std::int64_t{1}}}});
    last = next;
  }
  nodes.push_back({"Identity", "", {last}, {"y"}});
  const auto message = refusal(graph_of(std::move(nodes)), Code::not_in_this_version);
  CHECK(message.find("too large") != std::string::npos);
}

TEST_CASE("small graphs cannot ask for much: tables for each of many columns") {
  const std::string key(1000, 'k');
  auto wide = graph_of({{"OneHotEncoder", kMl, {"x"}, {"h"}, {{"cats_strings", Texts{key, "a"}}}},
                        {"Flatten", "", {"h"}, {"f"}},
                        {"Relu", "", {"f"}, {"r"}},
                        {"MatMul", "", {"r", "w"}, {"y"}}},
                       {{"w", {60000, 1}, Floats(60000, 1)}}, 30000);
  wide.inputs.front().element = Element::text;
  CHECK(refusal(wide, Code::not_in_this_version).find("more than the graph holds") !=
        std::string::npos);
  auto rows = graph_of({{"Gather", "", {"t", "x"}, {"e"}}, {"Flatten", "", {"e"}, {"y"}}},
                       {{"t", {1000, 1}, Floats(1000)}}, 60000);
  rows.inputs.front().element = Element::int64;
  CHECK(refusal(rows, Code::not_in_this_version).find("too large") != std::string::npos);
}

TEST_CASE("small graphs cannot ask for much: steps upon steps of many columns") {
  std::vector<GraphNode> nodes;
  std::string last = "x";
  for (int i = 0; i < 10; ++i) {
    const auto next = "b" + std::to_string(i);
    nodes.push_back({"Binarizer", kMl, {last}, {next}, {{"threshold", 0.5F}}});
    last = next;
  }
  nodes.push_back({"Relu", "", {last}, {"y"}});
  const auto message = refusal(graph_of(std::move(nodes), {}, 65536), Code::not_in_this_version);
  CHECK(message.find("operator Binarizer (node b4) makes the graph too large") !=
        std::string::npos);
}

TEST_CASE("files are read to their end or not at all") {
  // ir_version 8; a graph with the node y = Relu(x), a constant c of 2 floats, and x and y.
  const std::string node = "\x0A\x01x\x12\x01y\x22\x04Relu";
  const std::string constant = std::string("\x08\x02\x10\x01\x42\x01") + "c" + "\x4A\x08" +
                               std::string("\0\0\x80\x3F\0\0\0\x40", 8);
  const auto field = [](char tag, const std::string& bytes) {
    return std::string{tag, static_cast<char>(bytes.size())} + bytes;
  };
  const auto body = field('\x0A', node) + field('\x2A', constant) + field('\x5A', "\x0A\x01x") +
                    field('\x62', "\x0A\x01y");
  const auto file = "\x08\x08" + field('\x3A', body);
  const auto read = [](const std::string& text) {
    return read_onnx({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  const auto graph = read(file);
  if (!graph) FAIL(graph.errors().front().message);
  CHECK(graph->nodes.front().op == "Relu");
  CHECK(std::get<Floats>(graph->constants.front().values) == Floats{1, 2});
  CHECK(same_computation(*graph, *graph));
  for (std::size_t end = 2; end < file.size(); ++end) {
    const auto cut = read(file.substr(0, end));
    REQUIRE(!cut);
    CHECK(cut.errors().front().code == Code::corrupt_model);
  }
}

}  // namespace
}  // namespace quern::codegen
