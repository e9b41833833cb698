#pragma once
// One value of a row that a program holds in its own memory.

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

namespace quern {

/// A number, a text, a list of numbers or NULL. Texts and lists are borrowed.
class RowValue {
 public:
  enum class Kind : std::uint8_t { null, number, text, list };

  constexpr RowValue() = default;
  /// As a double, which NaN is NULL for; booleans as 0 and 1.
  template <typename T>
  requires std::integral<T> || std::floating_point<T>
  constexpr RowValue(T number) : kind_(Kind::number), number_(static_cast<double>(number)) {}
  constexpr RowValue(std::string_view text)
      : kind_(Kind::text), data_(text.data()), size_(text.size()) {}
  constexpr RowValue(const char* text) : RowValue(std::string_view(text)) {}
  constexpr RowValue(std::span<const double> list)
      : kind_(Kind::list), data_(list.data()), size_(list.size()) {}

  constexpr Kind kind() const { return kind_; }
  constexpr double number() const { return number_; }
  std::string_view text() const { return {static_cast<const char*>(data_), size_}; }
  std::span<const double> list() const { return {static_cast<const double*>(data_), size_}; }

 private:
  Kind kind_ = Kind::null;
  double number_ = 0;
  const void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace quern
