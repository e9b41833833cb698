// Columns leave as Arrow arrays. What an array needs beside the buffers lives in its private data:
// the column, which shares them, and the tables of pointers that the interface asks for.

#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include "api/arrow.hpp"

namespace quern {
namespace {

/// What Arrow wants to see where a buffer holds nothing.
alignas(64) constexpr std::array<std::byte, 64> kNothing{};

// -------------------------------------------------------------------------------------- schema

struct SchemaPart {
  std::string format;
  std::string name;
  std::string metadata;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};

void release_schema(ArrowSchema* schema) {
  auto* part = static_cast<SchemaPart*>(schema->private_data);
  for (auto& child : part->children) {
    if (child.release != nullptr) child.release(&child);
  }
  delete part;
  schema->release = nullptr;
}

std::string format_of(const ColumnType& type) {
  switch (type.kind) {
    case TypeKind::boolean: return "b";
    case TypeKind::int8: return "c";
    case TypeKind::int16: return "s";
    case TypeKind::int32: return "i";
    case TypeKind::int64: return "l";
    case TypeKind::uint8: return "C";
    case TypeKind::uint16: return "S";
    case TypeKind::uint32: return "I";
    case TypeKind::uint64: return "L";
    case TypeKind::float32: return "f";
    case TypeKind::float64: return "g";
    case TypeKind::decimal: {
      const int digits = type.precision == 0 || type.precision > 38 ? 38 : type.precision;
      return "d:" + std::to_string(digits) + "," + std::to_string(type.scale);
    }
    case TypeKind::blob: return "z";
    case TypeKind::date: return "tdD";
    case TypeKind::time: return "ttu";
    case TypeKind::timestamp: return "tsu:";
    case TypeKind::timestamp_ns: return "tsn:";
    case TypeKind::timestamp_tz: return "tsu:UTC";
    case TypeKind::interval: return "tin";
    case TypeKind::list: return "+l";
    case TypeKind::text:
    case TypeKind::big_number:
    case TypeKind::other: break;
  }
  return "u";
}

void append_counted(std::string& out, std::string_view text) {
  const auto size = static_cast<std::int32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(text);
}

/// Arrow's form of one key and its value.
std::string type_metadata(const ColumnType& type) {
  if (type.sql_name.empty()) return {};
  const std::int32_t pairs = 1;
  std::string out(reinterpret_cast<const char*>(&pairs), sizeof pairs);
  append_counted(out, "quern.type");
  append_counted(out, type.sql_name);
  return out;
}

void fill_schema(std::unique_ptr<SchemaPart> part, std::int64_t flags, ArrowSchema& out) {
  for (auto& child : part->children) part->pointers.push_back(&child);
  out = {.format = part->format.c_str(),
         .name = part->name.c_str(),
         .metadata = part->metadata.empty() ? nullptr : part->metadata.data(),
         .flags = flags,
         .n_children = static_cast<std::int64_t>(part->children.size()),
         .children = part->children.empty() ? nullptr : part->pointers.data(),
         .dictionary = nullptr,
         .release = release_schema,
         .private_data = part.get()};
  part.release();  // NOLINT(bugprone-unused-return-value): it is out.private_data now
}

/// Releases the children that were made where one of the later ones fails.
struct HalfMade {
  std::unique_ptr<SchemaPart> part = std::make_unique<SchemaPart>();
  HalfMade() = default;
  HalfMade(const HalfMade&) = delete;
  HalfMade& operator=(const HalfMade&) = delete;
  ~HalfMade() {
    if (part == nullptr) return;
    for (auto& child : part->children) {
      if (child.release != nullptr) child.release(&child);
    }
  }
};

void write_field(const std::string& name, const ColumnType& type, ArrowSchema& out) {
  HalfMade made;
  made.part->format = format_of(type);
  made.part->name = name;
  made.part->metadata = type_metadata(type);
  made.part->pointers.reserve(1);
  if (type.kind == TypeKind::list) {
    made.part->children.resize(1);
    write_field("item", *type.element, made.part->children[0]);
  }
  fill_schema(std::move(made.part), ARROW_FLAG_NULLABLE, out);
}

void write_struct(const Schema& schema, ArrowSchema& out) {
  HalfMade made;
  made.part->format = "+s";
  made.part->children.resize(schema.size());
  made.part->pointers.reserve(schema.size());
  for (std::size_t i = 0; i < schema.size(); ++i)
    write_field(schema[i].name, schema[i].type, made.part->children[i]);
  fill_schema(std::move(made.part), 0, out);
}

// --------------------------------------------------------------------------------------- array

struct ArrayPart {
  Column column;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;

  ArrayPart() = default;
  ArrayPart(const ArrayPart&) = delete;
  ArrayPart& operator=(const ArrayPart&) = delete;
  /// Children that were moved out are somebody else's.
  ~ArrayPart() {
    for (auto& child : children) {
      if (child.release != nullptr) child.release(&child);
    }
  }
};

void release_array(ArrowArray* array) {
  delete static_cast<ArrayPart*>(array->private_data);
  array->release = nullptr;
}

void fill_array(std::unique_ptr<ArrayPart> part, std::int64_t length, std::int64_t nulls,
                ArrowArray& out) {
  for (auto& child : part->children) part->pointers.push_back(&child);
  out = {.length = length,
         .null_count = nulls,
         .offset = 0,
         .n_buffers = static_cast<std::int64_t>(part->buffers.size()),
         .n_children = static_cast<std::int64_t>(part->children.size()),
         .buffers = part->buffers.data(),
         .children = part->children.empty() ? nullptr : part->pointers.data(),
         .dictionary = nullptr,
         .release = release_array,
         .private_data = part.get()};
  part.release();  // NOLINT(bugprone-unused-return-value): it is out.private_data now
}

const void* or_nothing(const Buffer& buffer) {
  return buffer.data() == nullptr ? kNothing.data() : buffer.data();
}

/// Arrow counts nanoseconds where we count microseconds.
struct ArrowInterval {
  std::int32_t months;
  std::int32_t days;
  std::int64_t nanos;
};

Result<Buffer> in_nanoseconds(const Column& column) {
  std::vector<ArrowInterval> out(static_cast<std::size_t>(column.length));
  const auto values = column.as<Interval>();
  for (std::size_t row = 0; row < out.size(); ++row) {
    if (column.is_null(static_cast<std::int64_t>(row))) continue;
    out[row] = {values[row].months, values[row].days, 0};
    if (__builtin_mul_overflow(values[row].micros, 1000, &out[row].nanos))
      return Diagnostic{Code::database_error,
                        "an interval is beyond the nanoseconds that Arrow counts it in",
                        SourceSpan::none(), "cast the column to text"};
  }
  return Buffer::own(std::move(out));
}

Result<void> write_array(Column column, ArrowArray& out) {
  auto part = std::make_unique<ArrayPart>();
  if (column.type.kind == TypeKind::interval) {
    QUERN_TRY(column.values, in_nanoseconds(column));
  }
  part->column = std::move(column);
  const auto& held = part->column;
  const bool nulls = held.null_count > 0 && !held.validity.empty();
  part->buffers.push_back(nulls ? held.validity.data() : nullptr);
  if (held.type.kind == TypeKind::list || is_bytes(held.type.kind))
    part->buffers.push_back(or_nothing(held.offsets));
  if (held.type.kind != TypeKind::list) part->buffers.push_back(or_nothing(held.values));
  part->pointers.reserve(1);
  if (held.type.kind == TypeKind::list) {
    part->children.resize(1);
    auto elements = held.elements ? *held.elements : Column{.type = *held.type.element};
    QUERN_CHECK(write_array(std::move(elements), part->children[0]));
  }
  fill_array(std::move(part), held.length, nulls ? held.null_count : 0, out);
  return {};
}

Result<void> write_rows(const ColumnBatch& batch, ArrowArray& out) {
  auto part = std::make_unique<ArrayPart>();
  part->buffers.push_back(nullptr);
  part->children.resize(batch.columns.size());
  part->pointers.reserve(batch.columns.size());
  for (std::size_t i = 0; i < batch.columns.size(); ++i)
    QUERN_CHECK(write_array(batch.columns[i], part->children[i]));
  fill_array(std::move(part), batch.rows, 0, out);
  return {};
}

// -------------------------------------------------------------------------------------- stream

struct StreamPart {
  std::shared_ptr<Rows> rows;
  std::string error;
};

int failure(StreamPart& part, const Diagnostics& errors) noexcept {
  const auto code = errors.front().code;
  try {
    part.error = std::string(code_number(code)) + ": " + errors.front().message;
  } catch (const std::bad_alloc&) {
    part.error.clear();
  }
  if (code == Code::cancelled) return ECANCELED;
  return code == Code::out_of_memory ? ENOMEM : EIO;
}

StreamPart& part_of(ArrowArrayStream* stream) {
  return *static_cast<StreamPart*>(stream->private_data);
}

int stream_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  const auto done = export_schema(part_of(stream).rows->schema(), *out);
  return done ? 0 : failure(part_of(stream), done.errors());
}

int stream_next(ArrowArrayStream* stream, ArrowArray* out) {
  auto& part = part_of(stream);
  ColumnBatch batch;
  try {
    const auto more = part.rows->next(batch);
    if (!more) return failure(part, more.errors());
    if (!*more) {
      *out = {};
      return 0;
    }
  } catch (const std::exception&) {
    return ENOMEM;
  }
  const auto done = export_batch(batch, *out);
  return done ? 0 : failure(part, done.errors());
}

const char* stream_error(ArrowArrayStream* stream) {
  const auto& error = part_of(stream).error;
  return error.empty() ? nullptr : error.c_str();
}

void release_stream(ArrowArrayStream* stream) {
  delete &part_of(stream);
  stream->release = nullptr;
}

template <typename F>
Result<void> guarded(F f) noexcept {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while handing out rows"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

}  // namespace

Result<void> export_schema(const Schema& schema, ArrowSchema& out) noexcept {
  return guarded([&]() -> Result<void> {
    write_struct(schema, out);
    return {};
  });
}

Result<void> export_batch(const ColumnBatch& batch, ArrowArray& out) noexcept {
  return guarded([&] { return write_rows(batch, out); });
}

Result<void> export_rows(Rows rows, ArrowArrayStream& out) noexcept {
  return guarded([&] { return export_rows(std::make_shared<Rows>(std::move(rows)), out); });
}

Result<void> export_rows(std::shared_ptr<Rows> rows, ArrowArrayStream& out) noexcept {
  return guarded([&]() -> Result<void> {
    auto part = std::make_unique<StreamPart>(StreamPart{std::move(rows), {}});
    out = {.get_schema = stream_schema,
           .get_next = stream_next,
           .get_last_error = stream_error,
           .release = release_stream,
           .private_data = part.release()};
    return {};
  });
}

}  // namespace quern
