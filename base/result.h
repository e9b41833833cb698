#pragma once
// The return type of whatever can fail across a folder boundary. Exceptions stay inside the .cpp
// that wraps a throwing library.

#include <optional>
#include <utility>
#include <variant>

#include "base/diagnostic.h"

namespace quern {

/// A value, or the diagnostics that say why there is none. Never both, never neither.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Diagnostic d) : state_(std::in_place_index<1>, Diagnostics{std::move(d)}) {}
  Result(Diagnostics d) : state_(std::in_place_index<1>, std::move(d)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Diagnostics& errors() const& { return std::get<1>(state_); }
  Diagnostics&& errors() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Diagnostics> state_;
};

/// Success without a value, or the diagnostics.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Diagnostic d) : errors_(Diagnostics{std::move(d)}) {}
  Result(Diagnostics d) : errors_(std::move(d)) {}

  bool ok() const { return !errors_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Diagnostics& errors() const& { return *errors_; }
  Diagnostics&& errors() && { return *std::move(errors_); }

 private:
  std::optional<Diagnostics> errors_;
};

}  // namespace quern

#define QUERN_CONCAT_(a, b) a##b
#define QUERN_CONCAT(a, b) QUERN_CONCAT_(a, b)

/// Declares `decl` from a Result, or returns its diagnostics: `QUERN_TRY(auto x, f());`
#define QUERN_TRY(decl, expr)                                                                      \
  auto QUERN_CONCAT(try_, __LINE__) = (expr);                                                      \
  if (!QUERN_CONCAT(try_, __LINE__).ok()) return std::move(QUERN_CONCAT(try_, __LINE__)).errors(); \
  decl = *std::move(QUERN_CONCAT(try_, __LINE__))

/// Returns the diagnostics of a failed Result<void>: `QUERN_CHECK(f());`
#define QUERN_CHECK(expr) \
  if (auto check_ = (expr); !check_.ok()) return std::move(check_).errors()
