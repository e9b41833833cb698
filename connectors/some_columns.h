#pragma once
// Fetching some of a query's columns: the others keep their places, and are NULL.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/column.h"

namespace quern {

/// A query around another, and where the text of that begins in it.
struct WrappedQuery {
  std::string sql;
  std::size_t before = 0;
};

/// `SELECT c1, c4 FROM (`query`) AS q(c0, c1, ...)`: rows keep their order, and names may repeat.
/// \param query   without a semicolon at its end.
/// \param values  what is selected, made of the names c0, c1, ...
inline WrappedQuery select_from(std::string_view query, const std::string& values,
                                std::size_t columns) {
  const auto head = "SELECT " + values + " FROM (";
  std::string names;
  for (std::size_t i = 0; i < columns; ++i) names += (i > 0 ? ", c" : "c") + std::to_string(i);
  // The line break ends a comment that the query may end with.
  return {head + std::string(query) + "\n) AS q(" + names + ")", head.size()};
}

/// Columns of NULLs, which share their storage.
class NullColumns {
 public:
  Column make(const ColumnType& type, std::int64_t rows) {
    // The widest value, and offsets one more than rows.
    const auto bytes = static_cast<std::size_t>(rows + 1) * 16;
    if (zeros_ == nullptr || zeros_->size() < bytes)
      zeros_ = std::make_shared<const std::vector<std::uint8_t>>(bytes);
    const auto part = [&](std::size_t size) { return Buffer(zeros_, zeros_->data(), size); };
    const auto count = static_cast<std::size_t>(rows);
    Column out{.type = type, .length = rows, .null_count = rows};
    out.validity = part((count + 7) / 8);
    const bool varies = type.kind == TypeKind::list || is_bytes(type.kind);
    if (varies) out.offsets = part((count + 1) * sizeof(std::int32_t));
    if (!varies) out.values = part(std::max(value_width(type.kind) * count, (count + 7) / 8));
    if (type.kind == TypeKind::list)
      out.elements = std::make_shared<const Column>(make(*type.element, 0));
    return out;
  }

 private:
  std::shared_ptr<const std::vector<std::uint8_t>> zeros_;
};

}  // namespace quern
