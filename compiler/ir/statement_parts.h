#pragma once
// What statements are made of: queries, models and targets.

#include <cstdint>
#include <optional>
#include <string>

#include "connectors/connector.h"

namespace quern::ir {

/// The opaque query, as the database described it.
struct Query {
  std::string text;
  SourceSpan span;
  Description description;
  /// Columns that are looked at, in order; empty: all. The others may come as NULL.
  std::vector<std::size_t> used = {};
};

/// A stored model: the table name of its store's schema, and the model's own name.
struct ModelRef {
  TableName where;  ///< catalog and schema of the store; `table` is the model's name
  std::optional<std::int64_t> version = {};
  SourceSpan span = SourceSpan::none();
};

enum class OutputMode : std::uint8_t { ours_only, replace, append };

/// Where predictions go.
struct Target {
  TableName table;  ///< as written
  SourceSpan span;
  OutputMode mode = OutputMode::ours_only;
  bool exists = false;
  bool read_by_query = false;  ///< then the rows are read completely before the table is touched
  bool elsewhere = false;      ///< the table is on another connection than the query
};

/// Comment that marks a table as written by Quern under this very name. A table that the user made,
/// renamed or copied does not carry it (docs/decisions/005).
std::string ours_comment(const TableName& resolved);

/// The name as written, parts joined by dots: for messages.
std::string display_name(const TableName& name);
std::string display_name(const ModelRef& model);

}  // namespace quern::ir
