// Cutting batches.

#include "runtime/pipeline/slice.h"

namespace quern::runtime {
namespace {

Buffer part(const std::shared_ptr<const Column>& owner, const Buffer& of, std::int64_t begin,
            std::int64_t size) {
  if (of.empty()) return {};
  return {owner, of.data() + begin, static_cast<std::size_t>(size)};
}

Buffer bits(const std::shared_ptr<const Column>& owner, const Buffer& of, std::int64_t first,
            std::int64_t rows) {
  return part(owner, of, first / 8, (rows + 7) / 8);
}

std::int64_t count_nulls(const Column& column) {
  std::int64_t nulls = 0;
  for (std::int64_t row = 0; row < column.length; ++row) nulls += column.is_null(row) ? 1 : 0;
  return nulls;
}

Column slice(const Column& column, std::int64_t first, std::int64_t rows) {
  const auto owner = std::make_shared<const Column>(column);
  const auto width = static_cast<std::int64_t>(value_width(column.type.kind));
  Column out = column;
  out.length = rows;
  out.validity = bits(owner, column.validity, first, rows);
  if (!column.offsets.empty()) {  // they count from the beginning of the values, which stay whole
    out.offsets = part(owner, column.offsets, 4 * first, 4 * (rows + 1));
  } else if (width > 0) {
    out.values = part(owner, column.values, width * first, width * rows);
  } else {
    out.values = bits(owner, column.values, first, rows);
  }
  if (column.null_count > 0) out.null_count = count_nulls(out);
  return out;
}

}  // namespace

ColumnBatch slice(const ColumnBatch& batch, std::int64_t first, std::int64_t rows) {
  ColumnBatch out{.rows = rows};
  out.columns.reserve(batch.columns.size());
  for (const auto& column : batch.columns) out.columns.push_back(slice(column, first, rows));
  return out;
}

}  // namespace quern::runtime
