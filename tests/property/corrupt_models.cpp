// Damaged payloads: the reader refuses them or gives a forest that can be scored; it never crashes.
// Worth most in a build with QUERN_SANITIZE=address,undefined.

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "codegen/forest/forest.h"
#include "random_training.h"
#include "runtime/engines/xgboost/xgboost_engine.h"

namespace quern::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

const char* const kSmallModel = R"({"learner":{"gradient_booster":{"gbtree":{"model":{
  "gbtree_model_param":{"num_parallel_tree":"1","num_trees":"2"},"tree_info":[0,1],"trees":[
  {"id":0,"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],
   "split_indices":[0,1,0,0,0],"split_conditions":[NaN,0.5,1.0,2E0,-3.5],"default_left":[1,0,0,0,0],
   "split_type":[1,0,0,0,0],"categories":[0,2,40],"categories_nodes":[0],"categories_segments":[0],
   "categories_sizes":[3],"tree_param":{"num_nodes":"5","size_leaf_vector":"0"}},
  {"id":1,"left_children":[-1],"right_children":[-1],"split_indices":[0],"split_conditions":[0.25],
   "default_left":[0],"split_type":[0],"categories":[],"categories_nodes":[],
   "categories_segments":[],"categories_sizes":[],"tree_param":{"num_nodes":"1"}}]},
  "name":"gbtree"},"name":"dart","weight_drop":[1E0,5E-1]},
  "learner_model_param":{"base_score":"5E-1","num_class":"2","num_feature":"2","num_target":"1"},
  "objective":{"name":"multi:softprob"}},"version":[1,7,4]})";

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// The same model as UBJ, through the JSON library, with NaN as its 0.
Bytes small_ubj() {
  std::string text = kSmallModel;
  text.replace(text.find("NaN"), 3, "0.0");
  return nlohmann::json::to_ubjson(nlohmann::json::parse(text), true, true);
}

/// Reads, and scores what is accepted: sanitizers see every index that is out of place.
bool survives(const Bytes& payload, std::mt19937& random) {
  const auto forest = codegen::read_xgboost_model(payload);
  if (!forest) {
    CHECK_FALSE(forest.errors().empty());
    const auto code = forest.errors().front().code;
    CHECK((code == Code::corrupt_model || code == Code::not_in_this_version));
    return false;
  }
  if (forest->features > 4096 || forest->outputs > 4096) return true;
  const auto rows = probe_rows(*forest, random, 8, true);
  std::vector<float> out(static_cast<std::size_t>(rows.rows * forest->outputs));
  predict_margins(*forest, {rows.values.data(), rows.rows, rows.features, rows.features, 1}, out);
  apply_link(forest->link, forest->outputs, out);
  return true;
}

/// One damage: bits flipped, bytes overwritten, a run cut out or doubled, or the end missing.
void damage(Bytes& payload, std::mt19937& random) {
  if (payload.empty()) return;
  const std::size_t at = random() % payload.size();
  const auto length = std::min<std::size_t>(1 + random() % 16, payload.size() - at);
  const auto begin = payload.begin() + static_cast<std::ptrdiff_t>(at);
  const auto end = begin + static_cast<std::ptrdiff_t>(length);
  switch (random() % 7) {
    case 0: payload[at] ^= static_cast<std::uint8_t>(1U << (random() % 8)); break;
    case 1: payload[at] = static_cast<std::uint8_t>(random()); break;
    case 2: payload[at] = "0123456789-.eE,[]{}\"ZTFNiUIlLdDSC#$H"[random() % 36]; break;
    case 3: std::fill(begin, end, random() % 2 == 0 ? 0xFF : 0); break;
    case 4: payload.erase(begin, end); break;
    case 5: {
      const Bytes run(begin, end);
      payload.insert(begin, run.begin(), run.end());
      break;
    }
    default: payload.resize(at); break;
  }
}

void damage_many(const Bytes& model, unsigned seed, int times) {
  std::mt19937 random(seed);
  REQUIRE(survives(model, random));
  int accepted = 0;
  for (int i = 0; i < times; ++i) {
    auto payload = model;
    for (auto damages = 1 + random() % 3; damages > 0; --damages) damage(payload, random);
    accepted += survives(payload, random) ? 1 : 0;
  }
  CHECK(accepted < times);
}

TEST_CASE("damaged hand-made models are refused or safe") {
  damage_many(bytes_of(kSmallModel), 1, 10000);
  damage_many(small_ubj(), 2, 10000);
}

TEST_CASE("every truncation is refused") {
  std::mt19937 random(3);
  for (const auto& model : {bytes_of(kSmallModel), small_ubj()}) {
    for (std::size_t size = 0; size < model.size(); ++size) {
      REQUIRE_FALSE(survives(
          Bytes(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(size)), random));
    }
  }
}

TEST_CASE("damaged trained models are refused or safe") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const auto engine = runtime::make_xgboost_engine();
  std::set<bool> kinds;
  for (unsigned seed = 1000; seed < 1012; ++seed) {
    auto training = random_training(seed);
    training.task.rounds = 1;
    const auto model = engine->train(training.task, {}, {});
    if (!model) FAIL(model.errors().front().message);
    oracle->load(model->payload);
    damage_many(model->payload, seed, 400);
    damage_many(oracle->save_json(), seed, 400);
  }
}

TEST_CASE("small payloads cannot claim much memory or depth") {
  std::mt19937 random(4);
  Bytes nested(200000, '[');
  nested[0] = '{';
  nested[1] = 'i';
  nested[2] = 1;
  CHECK_FALSE(survives(nested, random));
  CHECK_FALSE(survives(bytes_of("{\"a\":" + std::string(200000, '[')), random));
  CHECK_FALSE(survives(bytes_of("{\"a\":" + std::string(200000, '{')), random));
  // An array of 2^40 nulls, which take no bytes, and one of as many bytes.
  for (const char type : {'Z', 'T', 'U', 'd'}) {
    auto counted = bytes_of("{i\1a[$Z#L");
    counted[6] = static_cast<std::uint8_t>(type);
    counted.insert(counted.end(), {0, 0, 1, 0, 0, 0, 0, 0});
    CHECK_FALSE(survives(counted, random));
  }
}

}  // namespace
}  // namespace quern::test
