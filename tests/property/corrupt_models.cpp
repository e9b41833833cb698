// Damaged payloads: the reader refuses them or gives a forest that can be scored; it never crashes.
// Needs no library; damaged_training.cpp does the same to trained models.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "damage.h"

namespace quern::test {
namespace {

const char* const kSmallModel = R"({"learner":{"gradient_booster":{"gbtree":{"model":{
  "gbtree_model_param":{"num_parallel_tree":"1","num_trees":"2"},"tree_info":[0,1],"trees":[
  {"id":0,"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],
   "split_indices":[0,1,0,0,0],"split_conditions":[NaN,0.5,1.0,2E0,-3.5],"default_left":[1,0,0,0,0],
   "split_type":[1,0,0,0,0],"categories":[0,2,40],"categories_nodes":[0],"categories_segments":[0],
   "categories_sizes":[3],"sum_hessian":[9,5,4,2.5,2.5],"loss_changes":[3.5,1,0,0,0],"tree_param":{"num_nodes":"5","size_leaf_vector":"0"}},
  {"id":1,"left_children":[-1],"right_children":[-1],"split_indices":[0],"split_conditions":[0.25],
   "default_left":[0],"split_type":[0],"categories":[],"categories_nodes":[],
   "categories_segments":[],"categories_sizes":[],"sum_hessian":[9],"loss_changes":[0],"tree_param":{"num_nodes":"1"}}]},
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
    const std::string size = {0, 0, 1, 0, 0, 0, 0, 0};
    const auto counted = bytes_of("{i\1a[$" + std::string(1, type) + "#L" + size);
    CHECK_FALSE(survives(counted, random));
  }
}

}  // namespace
}  // namespace quern::test
