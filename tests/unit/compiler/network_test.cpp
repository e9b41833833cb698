// Networks as data: sizes, the round trip through JSON, and what cannot be.

#include "compiler/ir/network.h"

#include <catch2/catch.hpp>
#include <functional>

namespace quern::ir {
namespace {

/// A wide and a deep tower over all kinds of blocks but sequences.
Network wide_and_deep() {
  Tower deep{.name = "dnn",
             .blocks = {DenseBlock{0, 3}, EmbeddingBlock{3, 10, 4},
                        BagBlock{0, 7, 2, Combiner::sqrtn, true}},
             .layers = {LinearLayer{8}, BatchNormLayer{}, ActivationLayer{Activation::gelu},
                        DropoutLayer{0.25F}, LinearLayer{2, false}}};
  Tower wide{.name = "linear",
             .blocks = {OneHotBlock{3, 10}, BagBlock{1, 5, 0}},
             .layers = {LinearLayer{2}}};
  return {.features = 4, .group_widths = {7, 5}, .towers = {deep, wide}, .outputs = 2};
}

Network recurrent() {
  Tower tower{.name = "rnn",
              .blocks = {SequenceBlock{0, 6, 2}, SequenceBlock{12, 6, 1, 9, 5}, DenseBlock{18, 1}},
              .layers = {RecurrentLayer{Cell::lstm, 4, true, true}, DropoutLayer{0.1F},
                         RecurrentLayer{Cell::gru, 3}, LinearLayer{1}}};
  return {.features = 19, .group_widths = {}, .towers = {tower}, .outputs = 1};
}

void check_refused(Network network, const std::function<void(Network&)>& change,
                   const std::string& why) {
  change(network);
  const auto result = check(network);
  REQUIRE_FALSE(result.ok());
  CHECK(result.errors()[0].code == Code::corrupt_model);
  CHECK_THAT(result.errors()[0].message, Catch::Contains(why));
  CHECK_FALSE(network_from_json(to_json(network)).ok());
}

}  // namespace

TEST_CASE("a network's tensors are those of its blocks and layers") {
  const auto network = wide_and_deep();
  REQUIRE(check(network).ok());
  CHECK(widths(network, network.towers[0]) == std::vector<std::int32_t>{9, 8, 8, 8, 8, 2});
  CHECK(widths(network, network.towers[1]) == std::vector<std::int32_t>{15, 2});
  CHECK(tensor_shapes(network) == std::vector<TensorShape>{{"dnn.block1", {10, 4}},
                                                           {"dnn.block2", {7, 2}},
                                                           {"dnn.layer0.weight", {8, 9}},
                                                           {"dnn.layer0.bias", {8}},
                                                           {"dnn.layer1.weight", {8}},
                                                           {"dnn.layer1.bias", {8}},
                                                           {"dnn.layer1.running_mean", {8}, false},
                                                           {"dnn.layer1.running_var", {8}, false},
                                                           {"dnn.layer4.weight", {2, 8}},
                                                           {"linear.layer0.weight", {2, 15}},
                                                           {"linear.layer0.bias", {2}}});
  CHECK(weight_count(network) == 40 + 14 + 72 + 8 + 16 + 16 + 30 + 2);
}

TEST_CASE("cells have torch's tensors") {
  const auto network = recurrent();
  REQUIRE(check(network).ok());
  CHECK(widths(network, network.towers[0]) == std::vector<std::int32_t>{8, 8, 8, 3, 1});
  const auto shapes = tensor_shapes(network);
  REQUIRE(shapes.size() == 1 + 8 + 4 + 2);
  CHECK(shapes[0] == TensorShape{"rnn.block1", {9, 5}});
  CHECK(shapes[1] == TensorShape{"rnn.layer0.weight_ih_l0", {16, 8}});
  CHECK(shapes[6] == TensorShape{"rnn.layer0.weight_hh_l0_reverse", {16, 4}});
  CHECK(shapes[9] == TensorShape{"rnn.layer2.weight_ih_l0", {9, 8}});
  CHECK(shapes[12] == TensorShape{"rnn.layer2.bias_hh_l0", {9}});
}

TEST_CASE("a network comes back from its JSON text") {
  for (const auto& network : {wide_and_deep(), recurrent()}) {
    const auto text = to_json(network);
    const auto back = network_from_json(text);
    REQUIRE(back.ok());
    CHECK(*back == network);
    CHECK(to_json(*back) == text);
  }
}

TEST_CASE("a network's words name its blocks, layers and tensors") {
  const auto text = dump(wide_and_deep());
  CHECK_THAT(text, Catch::Contains("block1: embedding of 10, column 3 -> 4; [10, 4]\n"));
  CHECK_THAT(text,
             Catch::Contains("block2: embedding of 7, group 0, sqrtn, weighted -> 2; [7, 2]"));
  CHECK_THAT(text, Catch::Contains("layer0: linear 8, 9 -> 8; weight [8, 9], bias [8]\n"));
  CHECK_THAT(text, Catch::Contains("198 weights\n"));
}

TEST_CASE("what cannot be a network is refused") {
  const auto deep = [](Network& n) -> Tower& { return n.towers[0]; };
  const auto network = wide_and_deep();
  check_refused(
      network,
      [&](Network& n) {
        deep(n).blocks[0] = DenseBlock{2, 3};
      },
      "block 0");
  check_refused(
      network,
      [&](Network& n) {
        deep(n).blocks[1] = EmbeddingBlock{4, 1, 1};
      },
      "a column that is not there");
  check_refused(
      network,
      [&](Network& n) {
        deep(n).blocks[2] = BagBlock{2, 7, 2};
      },
      "a group that is not there");
  check_refused(
      network,
      [&](Network& n) {
        deep(n).blocks[2] = BagBlock{0, 8, 2};
      },
      "another width than its group's");
  check_refused(
      network, [&](Network& n) { deep(n).blocks.clear(); }, "it reads nothing");
  check_refused(
      network, [&](Network& n) { deep(n).layers.pop_back(); }, "it ends in 8 outputs");
  check_refused(
      network, [&](Network& n) { deep(n).layers[3] = DropoutLayer{1}; }, "layer 3");
  check_refused(
      network, [&](Network& n) { n.towers[1].name = "dnn"; }, "two towers have one name");
  check_refused(
      network, [&](Network& n) { n.towers[1].name = "a b"; }, "a tower has no name");
  check_refused(
      network, [](Network& n) { n.towers.clear(); }, "it has no tower");
  check_refused(
      network, [&](Network& n) { deep(n).layers.insert(deep(n).layers.begin(), RecurrentLayer{}); },
      "cells without size");
  check_refused(
      network,
      [&](Network& n) {
        deep(n).layers[0] = LinearLayer{1 << 30};
        deep(n).layers.insert(deep(n).layers.begin() + 1, LinearLayer{8});
      },
      "more than 2147483648 weights");
}

TEST_CASE("a network whose size no tensor answers for is refused") {
  Network network{.features = 1,
                  .group_widths = {},
                  .towers = {{"dnn", {OneHotBlock{0, 70000}}, {}}},
                  .outputs = 70000};
  CHECK_FALSE(check(network).ok());
  network.towers[0].blocks[0] = OneHotBlock{0, 1 << 30};
  network.towers[0].layers = {ActivationLayer{}, LinearLayer{1}};
  network.outputs = 1;
  CHECK_FALSE(check(network).ok());
  network.towers[0].layers = {LinearLayer{1}};
  CHECK(check(network).ok());
}

TEST_CASE("sequences go through cells to their end") {
  const auto network = recurrent();
  const auto rnn = [](Network& n) -> Tower& { return n.towers[0]; };
  check_refused(
      network,
      [&](Network& n) {
        rnn(n).blocks[0] = SequenceBlock{0, 5, 2};
      },
      "sequences of different lengths");
  check_refused(
      network,
      [&](Network& n) {
        rnn(n).layers[2] = RecurrentLayer{Cell::gru, 3, false, true};
      },
      "a sequence that no cells read");
  check_refused(
      network,
      [&](Network& n) {
        rnn(n).layers[3] = RecurrentLayer{Cell::rnn, 1};
      },
      "cells without a sequence");
  check_refused(
      network,
      [&](Network& n) {
        rnn(n).blocks[1] = SequenceBlock{12, 6, 2, 9, 5};
      },
      "block 1");
  check_refused(
      network, [&](Network& n) { rnn(n).layers.erase(rnn(n).layers.begin()); },
      "a sequence that no cells read");
}

TEST_CASE("text that is no network is refused") {
  for (
      const std::string text :
      {"", "{", "[]", "{}", R"({"format":1})", "null",
       R"({"format":1,"features":1.5,"groups":[],"outputs":1,"towers":[]})",
       R"({"format":1,"features":1,"groups":[],"outputs":1,"towers":[{"name":"a","blocks":[{"block":"wood"}],"layers":[]}]})"}) {
    const auto result = network_from_json(text);
    REQUIRE_FALSE(result.ok());
    CHECK(result.errors()[0].code == Code::corrupt_model);
  }
  CHECK(network_from_json(std::string(100000, '[')).errors()[0].code == Code::corrupt_model);
  CHECK(network_from_json(R"({"format":2})").errors()[0].code == Code::model_too_new);
}

}  // namespace quern::ir
