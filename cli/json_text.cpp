// Escaping by the library: it knows UTF-8.

#include "cli/json_text.h"

#include <nlohmann/json.hpp>

namespace quern::cli {

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace quern::cli
