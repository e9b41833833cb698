#pragma once
// Arrow arrays made by hand, as another program would.

#include <cstring>
#include <string>
#include <vector>

#include "api/arrow.hpp"

namespace quern::tests {

/// One column, and what it points to. Not to be copied.
struct Building {
  template <typename T>
  Building(const char* format, const std::vector<T>& values)
      : Building(format, std::int64_t(values.size())) {
    data.resize(values.size() * sizeof(T));
    std::memcpy(data.data(), values.data(), data.size());
    buffers = {nullptr, data.data()};
    finish();
  }
  template <typename T>
  Building(const char* format, const std::vector<T>& offsets, std::string text)
      : Building(format, std::int64_t(offsets.size()) - 1) {
    bytes = std::move(text);
    data.resize(offsets.size() * sizeof(T));
    std::memcpy(data.data(), offsets.data(), data.size());
    buffers = {nullptr, data.data(), bytes.data()};
    finish();
  }
  Building(const char* format, std::initializer_list<std::int32_t> offsets, std::string text)
      : Building(format, std::vector<std::int32_t>(offsets), std::move(text)) {}
  /// A list of fixed size.
  Building(const char* format, Building& elements, std::int64_t length) : Building(format, length) {
    schema_child = &elements.schema;
    array_child = &elements.array;
    schema.n_children = array.n_children = 1;
    schema.children = &schema_child;
    array.children = &array_child;
    buffers = {nullptr};
    finish();
  }
  Building(const Building&) = delete;
  Building& operator=(const Building&) = delete;

  template <typename T>
  void set(std::size_t row, T value) {
    std::memcpy(data.data() + row * sizeof(T), &value, sizeof value);
  }

  ArrowSchema schema{};
  ArrowArray array{};
  std::vector<std::uint8_t> data;
  std::string bytes;
  std::vector<const void*> buffers;
  ArrowSchema* schema_child = nullptr;
  ArrowArray* array_child = nullptr;

 private:
  Building(const char* format, std::int64_t length) {
    schema.format = format;
    schema.name = "c";
    array.length = length;
  }
  void finish() {
    array.buffers = buffers.data();
    array.n_buffers = std::int64_t(buffers.size());
  }
};

/// As the only column of a struct.
inline Result<Imported> import_one(const Building& one) {
  auto child_schema = one.schema;
  auto child = one.array;
  ArrowSchema* schemas = &child_schema;
  ArrowArray* children = &child;
  const void* nothing = nullptr;
  ArrowSchema schema{.format = "+s", .n_children = 1, .children = &schemas};
  ArrowArray array{.length = std::max<std::int64_t>(child.length, 0),
                   .n_buffers = 1,
                   .n_children = 1,
                   .buffers = &nothing,
                   .children = &children};
  return import_batch(schema, array);
}

}  // namespace quern::tests
