// Which values trials get. Those that are drawn come from a second writing of the rule, in Python.

#include <catch2/catch.hpp>
#include <limits>

#include "compiler/ir/search.h"
#include "compiler/ir/trial.h"

using namespace quern;
using namespace quern::ir;

namespace {

Setting searched_setting(const char* name, SearchSpace space) {
  return {
      .spec = find_attribute(xgboost_attributes(), name), .value = 0.5, .search = std::move(space)};
}

Setting range(const char* name, double low, double high, bool log = false) {
  return searched_setting(name, {.range = SearchRange{low, high, log}});
}

Setting choice(const char* name, std::vector<AttributeValue> choices) {
  return searched_setting(name, {.choices = std::move(choices)});
}

std::vector<std::string> texts(const Tuning& tuning, const std::vector<Setting>& settings,
                               std::int64_t seed = 0) {
  std::vector<std::string> out;
  for (const auto& values : trials_of(tuning, settings, seed)) out.push_back(format_values(values));
  return out;
}

const Tuning kSixDrawn{.algorithm = TuneAlgorithm::random, .trials = 6};

}  // namespace

TEST_CASE("trials are drawn from the seed, their number and the attributes' names") {
  CHECK(texts(kSixDrawn, {range("eta", 0.01, 0.3, true), range("max_depth", 2, 6)}) ==
        std::vector<std::string>{"eta 0.0544577, max_depth 3", "eta 0.211714, max_depth 5",
                                 "eta 0.180628, max_depth 5", "eta 0.0125433, max_depth 6",
                                 "eta 0.22777, max_depth 2", "eta 0.0620625, max_depth 5"});
  const Setting policy =
      choice("grow_policy", {std::string("depthwise"), std::string("lossguide")});
  CHECK(texts({.trials = 4}, {range("eta", 0.1, 0.3), policy, range("max_leaves", 1, 64, true)},
              7) == std::vector<std::string>{"eta 0.109265, grow_policy depthwise, max_leaves 61",
                                             "eta 0.190701, grow_policy depthwise, max_leaves 2",
                                             "eta 0.176098, grow_policy lossguide, max_leaves 54",
                                             "eta 0.165567, grow_policy lossguide, max_leaves 4"});
}

TEST_CASE("neither the order of attributes nor the number of trials changes a trial") {
  const auto all = texts(kSixDrawn, {range("eta", 0.01, 0.3), range("max_depth", 2, 6)});
  CHECK(all == texts(kSixDrawn, {range("max_depth", 2, 6), range("eta", 0.01, 0.3)}));
  CHECK(texts({.trials = 2}, {range("eta", 0.01, 0.3), range("max_depth", 2, 6)}) ==
        std::vector<std::string>(all.begin(), all.begin() + 2));
  CHECK(all != texts(kSixDrawn, {range("eta", 0.01, 0.3), range("max_depth", 2, 6)}, 1));
}

TEST_CASE("no trial repeats another as long as there are other values") {
  CHECK(texts({.trials = 4}, {range("max_depth", 3, 6)}) ==
        std::vector<std::string>{"max_depth 4", "max_depth 5", "max_depth 3", "max_depth 6"});
}

TEST_CASE("whole numbers of a range come evenly, both ends among them") {
  std::vector<int> counts(4);
  for (int seed = 0; seed < 2000; ++seed) {
    const auto drawn = trials_of({.trials = 1}, {range("max_depth", 3, 6)}, seed);
    ++counts.at(static_cast<std::size_t>(std::get<std::int64_t>(drawn[0][0].value) - 3));
  }
  for (const int count : counts) CHECK((count > 400 && count < 600));
}

TEST_CASE("a grid has every combination, the last name changes fastest") {
  const std::vector<Setting> settings{choice("max_depth", {std::int64_t{3}, std::int64_t{5}}),
                                      choice("eta", {0.5, 0.1})};
  CHECK(combinations(settings) == 4);
  CHECK(texts({.algorithm = TuneAlgorithm::grid, .trials = 4}, settings) ==
        std::vector<std::string>{"eta 0.5, max_depth 3", "eta 0.5, max_depth 5",
                                 "eta 0.1, max_depth 3", "eta 0.1, max_depth 5"});
}

TEST_CASE("combinations are counted where they can be") {
  CHECK(combinations({range("max_depth", 3, 6), choice("eta", {0.5, 0.1, 0.2})}) == 12);
  CHECK(combinations({range("eta", 0.1, 0.2)}) == std::numeric_limits<double>::infinity());
}

TEST_CASE("values of a trial are written and read back as JSON") {
  const std::vector<std::pair<std::string, Scalar>> values{{"eta", 0.1},
                                                           {"lambda", 1.0},
                                                           {"max_depth", std::int64_t{4}},
                                                           {"one_drop", true},
                                                           {"sample_type", std::string("uniform")}};
  const auto text = values_to_json(values);
  CHECK(text ==
        R"({"eta":0.1,"lambda":1.0,"max_depth":4,"one_drop":true,"sample_type":"uniform"})");
  const auto read = values_from_json(text);
  REQUIRE(read);
  CHECK(*read == values);
  CHECK(values_from_json("{").errors().front().code == Code::corrupt_model);
  CHECK(values_from_json(R"({"eta":[1]})").errors().front().code == Code::corrupt_model);
}

TEST_CASE("trials are ranked: done, stopped, failed; the better first, of equal ones the first") {
  const auto trial = [](int number, TrialState state, int budget, std::optional<double> value) {
    return Trial{.number = number, .state = state, .budget = budget, .value = value};
  };
  const auto order = [](const std::vector<Trial>& trials) {
    std::vector<int> out;
    for (const auto& t : trials) out.push_back(t.number);
    return out;
  };
  const std::vector<Trial> trials{
      trial(1, TrialState::failed, 1, {}),   trial(2, TrialState::stopped, 1, 0.1),
      trial(3, TrialState::stopped, 1, 0.9), trial(3, TrialState::stopped, 3, 0.8),
      trial(4, TrialState::stopped, 1, 0.5), trial(4, TrialState::done, 9, 0.5),
      trial(5, TrialState::done, 9, 0.4),    trial(6, TrialState::done, 9, 0.5)};
  CHECK(order(ranked(trials, false)) == std::vector<int>{5, 4, 6, 3, 2, 1});
  CHECK(order(ranked(trials, true)) == std::vector<int>{4, 6, 5, 3, 2, 1});
}
