#pragma once
// JSON as DuckDB writes it: its errors, and the syntax tree that json_serialize_sql() returns.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quern::duckdb {

struct JsonMember;

/// One JSON value. Strings, numbers and literals are all kept as text.
struct Json {
  std::string text = {};
  std::vector<Json> items;
  std::vector<JsonMember> members;

  /// The member's value, or nullptr.
  const Json* find(std::string_view key) const;
  /// The member's text, or "".
  std::string text_of(std::string_view key) const;
};

/// `key: value` of an object.
struct JsonMember {
  std::string key;
  Json value;
};

/// Reads one value; nullopt where the text is not JSON or nested deeper than 2,500 levels (DuckDB
/// allows 1,000 of expressions).
/// \param is_leaf  objects for which it is true keep none of their members, to save memory.
std::optional<Json> parse_json(std::string_view text, bool (*is_leaf)(const Json&) = nullptr);

}  // namespace quern::duckdb
