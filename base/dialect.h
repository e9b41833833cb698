#pragma once
// Which SQL the connection speaks. Decides how text is split and how names are quoted.

#include <cstdint>

namespace quern {

enum class Dialect : std::uint8_t { duckdb, postgres, mysql, sqlite };

}  // namespace quern
