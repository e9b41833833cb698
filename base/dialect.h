#pragma once
// Which SQL the connection speaks. Decides how text is split and how names are quoted.

#include <cstdint>
#include <string_view>

namespace quern {

enum class Dialect : std::uint8_t { duckdb, postgres, mysql, sqlite };

/// The enumerator's name.
constexpr std::string_view dialect_name(Dialect dialect) {
  switch (dialect) {
    case Dialect::duckdb: return "duckdb";
    case Dialect::postgres: return "postgres";
    case Dialect::mysql: return "mysql";
    case Dialect::sqlite: return "sqlite";
  }
  return "";
}

}  // namespace quern
