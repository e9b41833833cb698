#pragma once
// What an XGBoost model file says of itself besides its trees or weights: for models that were not
// trained here.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace quern::codegen {

struct ModelCard {
  std::string booster;    ///< "gbtree", "dart", "gblinear"
  std::string objective;  ///< as written
  std::string version;    ///< of XGBoost: "1.7.4"; "" where the file does not say
  std::int64_t features = 0;
  std::int64_t classes = 0;  ///< margins of a multiclass model; 0 otherwise
  std::int64_t rounds = 0;
  std::vector<std::string> feature_names;  ///< one a feature, or none
  std::vector<std::pair<std::string, std::string>> attributes;
};

/// Reads the card of a model, UBJ or JSON. Trees and weights are not looked at.
/// Errors: corrupt_model, out_of_memory.
Result<ModelCard> read_model_card(std::span<const std::uint8_t> payload);

}  // namespace quern::codegen
