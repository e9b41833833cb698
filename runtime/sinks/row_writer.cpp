// Batches of the size that databases like.

#include "runtime/sinks/row_writer.h"

namespace quern::runtime {
namespace {

constexpr std::int64_t kBatchRows = 2048;

}  // namespace

RowWriter::RowWriter(const Schema& schema, Sink& sink) : sink_(sink) {
  for (const auto& field : schema) columns_.emplace_back(field.type);
}

Result<void> RowWriter::end_row() {
  return columns_.front().length() < kBatchRows ? Result<void>() : flush();
}

Result<void> RowWriter::flush() {
  ColumnBatch batch{.rows = columns_.front().length()};
  for (auto& column : columns_) batch.columns.push_back(column.finish());
  written_ += batch.rows;
  return batch.rows == 0 ? Result<void>() : sink_.write(std::move(batch));
}

Result<std::int64_t> RowWriter::finish() {
  QUERN_CHECK(flush());
  return written_;
}

}  // namespace quern::runtime
