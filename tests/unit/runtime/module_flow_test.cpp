// What is taken down of a module's code, without the library: layers, scales that linear layers
// take up, branches, endings, and what labels make of them.

#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/engines/torch/module_flow.h"

namespace quern::runtime::training {
namespace {

using Ending = ir::ScriptedModule::Ending;

FlowMatrix matrix(std::int64_t outputs, std::int64_t inputs, float first = 1) {
  FlowMatrix out{outputs, inputs, {}};
  for (std::int64_t i = 0; i < outputs * inputs; ++i)
    out.values.push_back(first + static_cast<float>(i));
  return out;
}

ModuleFlow linear(const ModuleFlow& x, const FlowMatrix& weight, std::vector<float> bias = {}) {
  auto out = push_linear(x, weight, std::move(bias));
  REQUIRE(out.ok());
  return *std::move(out);
}

std::string why_not(const Result<ModuleFlow>& flow) {
  REQUIRE_FALSE(flow.ok());
  return flow.errors().front().message;
}

std::vector<float> numbers(const ir::ScriptedModule& module, const std::string& name) {
  for (const auto& tensor : module.weights) {
    if (tensor.name == name) return tensor.values;
  }
  FAIL("no tensor " + name);
  return {};
}

TEST_CASE("layers of a module have torch's names and shapes") {
  auto flow = linear({}, matrix(3, 2), {7, 8, 9});
  flow = *push_activation(flow, ir::Activation::tanh);
  flow = *push_dropout(flow, 0.5);
  flow = linear(flow, matrix(1, 3));
  const auto module = to_module(flow);
  REQUIRE(module.ok());
  REQUIRE(module->plan.towers.size() == 1);
  const auto& tower = module->plan.towers.front();
  CHECK(tower.name == "module");
  CHECK(tower.inputs == 2);
  CHECK(tower.layers == std::vector<ir::Layer>{ir::LinearLayer{3},
                                               ir::ActivationLayer{ir::Activation::tanh},
                                               ir::DropoutLayer{0.5F}});
  CHECK(tower.last == std::vector<ir::Layer>{ir::LinearLayer{1, false}});
  CHECK(module->ending == Ending::none);
  const auto network = plain_network(*module);
  REQUIRE(ir::check(network).ok());
  const auto shapes = ir::tensor_shapes(network);
  REQUIRE(shapes.size() == module->weights.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    CHECK(shapes[i].name == module->weights[i].name);
    CHECK(shapes[i].shape == module->weights[i].shape);
  }
}

TEST_CASE("linear layers take up factors and terms before and behind them") {
  // y = W (2 x + [1, -1]) + b, then 10 y + 1.
  auto flow = *push_scale({}, {2}, {1, -1});
  flow = linear(flow, matrix(2, 2), {0, 5});
  flow = *push_scale(flow, {10}, {1});
  const auto module = to_module(flow);
  REQUIRE(module.ok());
  CHECK(numbers(*module, "module.layer0.weight") == std::vector<float>{20, 40, 60, 80});
  CHECK(numbers(*module, "module.layer0.bias") == std::vector<float>{-9, 41});
}

TEST_CASE("factors one behind the other become one") {
  auto flow = *push_scale({}, {1}, {-3});
  flow = *push_scale(flow, {0.5, 2}, {0});
  flow = linear(flow, matrix(1, 2));
  const auto module = to_module(flow);
  REQUIRE(module.ok());
  CHECK(numbers(*module, "module.layer0.weight") == std::vector<float>{0.5, 4});
  CHECK(numbers(*module, "module.layer0.bias") == std::vector<float>{-13.5});
}

TEST_CASE("what layers cannot say is refused in words") {
  const auto one = linear({}, matrix(1, 2));
  CHECK(why_not(push_linear(one, matrix(1, 2), {})) ==
        "reads 2 numbers of a row that has 1 number");
  CHECK(why_not(push_linear(*as_flat(one, true), matrix(1, 1), {})).find("one number") == 6);
  CHECK(why_not(as_flat(linear({}, matrix(2, 2)), true)) == "makes one row of numbers of all rows");
  CHECK(why_not(push_linear(*push_softmax(linear({}, matrix(2, 2))), matrix(1, 2), {})) ==
        "stands behind a softmax");
  CHECK(why_not(push_activation(*push_scale({}, {2}, {0}), ir::Activation::relu)).find("factor") !=
        std::string::npos);
  CHECK(why_not(push_sum(one, {})) == "adds what goes in to what comes out");
  const auto trunk = linear({}, matrix(2, 2));
  CHECK(why_not(push_sum(linear(trunk, matrix(1, 2)), linear(trunk, matrix(1, 2)))) ==
        "adds up branches with layers in common");
  CHECK(why_not(push_sum(one, linear({}, matrix(2, 2)))) == "adds up values of different shapes");
  CHECK(why_not(push_sum(one, linear({}, matrix(1, 3)))) == "adds up what reads different numbers");
  CHECK(why_not(push_dropout(one, 1)) == "drops a share that is not below 1");
  CHECK(why_not(push_scale(one, {INFINITY}, {0})) == "has a number that is not finite");
  CHECK_FALSE(to_module(*push_activation({}, ir::Activation::relu)).ok());
  auto behind = *push_activation(one, ir::Activation::tanh);
  CHECK_FALSE(to_module(*push_scale(behind, {2}, {0})).ok());
  auto infinite = matrix(1, 2);
  infinite.values[1] = INFINITY;
  CHECK(to_module(linear({}, infinite)).errors().front().code == Code::corrupt_model);
}

TEST_CASE("branches are towers, and a second linear layer may not follow their sum") {
  const auto sum = push_sum(linear({}, matrix(1, 2)), linear({}, matrix(1, 2, 5)));
  REQUIRE(sum.ok());
  const auto module = to_module(*sum);
  REQUIRE(module.ok());
  REQUIRE(module->plan.towers.size() == 2);
  CHECK(module->plan.towers[1].name == "module2");
  CHECK(numbers(*module, "module2.layer0.weight") == std::vector<float>{5, 6});
  CHECK(why_not(push_linear(*sum, matrix(1, 1), {})) == "stands behind a sum of branches");
  const auto likely = push_activation(*sum, ir::Activation::sigmoid);
  REQUIRE(likely.ok());
  CHECK(to_module(*likely)->ending == Ending::sigmoid);
  CHECK(ir::for_label(*to_module(*likely), 1, "logistic").ok());
  CHECK_FALSE(ir::for_label(*to_module(*likely), 1, "squared_error").ok());
  CHECK(why_not(push_activation(*sum, ir::Activation::tanh)) == "stands behind a sum of branches");
  CHECK(why_not(push_activation(*likely, ir::Activation::sigmoid)) ==
        "stands behind a sigmoid of a sum");
}

ir::ScriptedModule ending_in(std::int64_t outputs, Ending ending) {
  auto flow = linear({}, matrix(outputs, 2), std::vector<float>(outputs, 1.5F));
  if (ending == Ending::sigmoid) flow = *push_activation(flow, ir::Activation::sigmoid);
  if (ending == Ending::softmax) flow = *push_softmax(flow);
  return *to_module(flow);
}

TEST_CASE("what a module ends in becomes the link of the objective") {
  const auto fits = [](std::int64_t given, Ending ending, std::int32_t needed, const char* loss) {
    return ir::for_label(ending_in(given, ending), needed, loss).ok();
  };
  using enum Ending;
  for (const auto ending : {none, sigmoid}) CHECK(fits(1, ending, 1, "logistic"));
  for (const auto ending : {none, softmax}) {
    CHECK(fits(2, ending, 1, "logistic"));
    CHECK(fits(3, ending, 3, "cross_entropy"));
  }
  CHECK_FALSE(fits(2, sigmoid, 1, "logistic"));
  CHECK_FALSE(fits(3, sigmoid, 3, "cross_entropy"));
  CHECK_FALSE(fits(4, none, 3, "cross_entropy"));
  CHECK_FALSE(fits(2, none, 1, "squared_error"));
  CHECK_FALSE(fits(1, softmax, 1, "logistic"));
  CHECK(fits(2, none, 2, "squared_error"));
  const auto number = ir::for_label(ending_in(1, sigmoid), 1, "squared_error");
  REQUIRE(number.ok());
  CHECK(number->plan.towers.front().last.back() ==
        ir::Layer(ir::ActivationLayer{ir::Activation::sigmoid}));
  const auto one = ir::for_label(ending_in(2, none), 1, "logistic");
  REQUIRE(one.ok());
  CHECK(ir::outputs_of(*one) == 1);
  CHECK(numbers(*one, "module.layer0.weight") == std::vector<float>{2, 2});
  CHECK(numbers(*one, "module.layer0.bias") == std::vector<float>{0});
}

}  // namespace
}  // namespace quern::runtime::training
