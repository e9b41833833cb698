// A batch in the file is its number of rows and its columns. A column is a head of five numbers,
// then its validity, values and offsets, each of them at a multiple of 16 bytes, and the elements
// of lists as one more column.

#include "runtime/sinks/batch_spool.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/column_builder.h"

namespace quern::runtime {
namespace {

/// A decimal's: of all values the widest.
constexpr std::size_t kAlignment = 16;

std::size_t padded(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Bytes of the rows of a column, which may share its buffers with other rows.
std::int64_t bytes_of(const Column& column) {
  const auto bits = (column.length + 7) / 8;
  const auto width = static_cast<std::int64_t>(value_width(column.type.kind));
  if (column.offsets.empty()) return bits + (width == 0 ? bits : width * column.length);
  const auto inside = std::int64_t{column.offset(column.length)} - column.offset(0);
  const auto element = column.elements ? value_width(column.elements->type.kind) : 1;
  return bits + 4 * column.length +
         inside * static_cast<std::int64_t>(std::max<std::size_t>(element, 1));
}

std::int64_t bytes_of(const ColumnBatch& batch) {
  std::int64_t bytes = 0;
  for (const auto& column : batch.columns) bytes += bytes_of(column);
  return bytes;
}

/// The rows of a column alone, in buffers that begin with them.
Column compact(const Column& column) {
  ColumnBuilder builder(column.type);
  for (std::int64_t row = 0; row < column.length; ++row) builder.append_from(column, row);
  return builder.finish();
}

/// What stands before the buffers of a column.
struct Head {
  std::int64_t length = 0;
  std::int64_t null_count = 0;
  std::array<std::size_t, 3> bytes = {};  ///< of validity, values and offsets
};

class Packer {
 public:
  void put(const void* data, std::size_t bytes) {
    const auto at = out_.size();
    out_.resize(at + padded(bytes));
    if (bytes > 0) std::memcpy(out_.data() + at, data, bytes);
  }
  void put(const Column& column) {
    const Head head{column.length,
                    column.null_count,
                    {column.validity.size(), column.values.size(), column.offsets.size()}};
    put(&head, sizeof head);
    for (const auto* buffer : {&column.validity, &column.values, &column.offsets})
      put(buffer->data(), buffer->size());
    if (column.elements) put(*column.elements);
  }
  const std::vector<std::byte>& bytes() const { return out_; }

 private:
  std::vector<std::byte> out_;
};

/// Reads what a Packer wrote; the columns borrow from its bytes.
class Unpacker {
 public:
  explicit Unpacker(std::shared_ptr<const std::vector<std::byte>> bytes)
      : bytes_(std::move(bytes)) {}

  template <typename T>
  T take() {
    T out;
    std::memcpy(&out, bytes_->data() + at_, sizeof out);
    at_ += padded(sizeof out);
    return out;
  }
  Column column(const ColumnType& type) {
    const auto head = take<Head>();
    Column out{.type = type, .length = head.length, .null_count = head.null_count};
    out.validity = buffer(head.bytes[0]);
    out.values = buffer(head.bytes[1]);
    out.offsets = buffer(head.bytes[2]);
    if (type.kind == TypeKind::list)
      out.elements = std::make_shared<const Column>(column(*type.element));
    return out;
  }

 private:
  Buffer buffer(std::size_t bytes) {
    if (bytes == 0) return {};
    Buffer out(bytes_, bytes_->data() + at_, bytes);
    at_ += padded(bytes);
    return out;
  }

  std::shared_ptr<const std::vector<std::byte>> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Result<void> BatchSpool::add(ColumnBatch batch) {
  const auto bytes = bytes_of(batch);
  if (!file_ && bytes <= memory_left_) {
    memory_left_ -= bytes;
    held_.push_back(std::move(batch));
    return {};
  }
  try {
    write(batch);
    return {};
  } catch (const std::system_error& error) {
    return no_room_for_rows(error);
  }
}

void BatchSpool::write(const ColumnBatch& batch) {
  if (!file_) {
    file_.emplace();
    for (const auto& column : batch.columns) types_.push_back(column.type);
  }
  Packer packer;
  packer.put(&batch.rows, sizeof batch.rows);
  for (const auto& column : batch.columns) packer.put(compact(column));
  file_->append(packer.bytes());
  written_.push_back(packer.bytes().size());
}

ColumnBatch BatchSpool::read(std::size_t offset, std::size_t bytes) const {
  auto packed = std::make_shared<std::vector<std::byte>>(bytes);
  file_->read(offset, *packed);
  Unpacker unpacker(std::move(packed));
  ColumnBatch out{.rows = unpacker.take<std::int64_t>()};
  for (const auto& type : types_) out.columns.push_back(unpacker.column(type));
  return out;
}

Result<void> BatchSpool::drain(const std::function<Result<void>(const ColumnBatch&)>& take) {
  for (auto& batch : held_) {
    QUERN_CHECK(take(batch));
    batch = {};
  }
  std::size_t offset = 0;
  for (const auto bytes : written_) {
    ColumnBatch batch;
    try {
      batch = read(offset, bytes);
    } catch (const std::system_error& error) {
      return no_room_for_rows(error);
    }
    QUERN_CHECK(take(batch));
    offset += bytes;
  }
  return {};
}

}  // namespace quern::runtime
