#pragma once
// Tools for closed sets of node types: a value-semantic owner for recursion, and a visitor.

#include <memory>
#include <utility>

namespace quern {

/// Owns one T on the heap and copies it deeply: recursive variants as plain values, comparable with
/// ==. Never null, except after being moved from.
template <typename T>
class Box {
 public:
  Box(T value) : p_(std::make_unique<T>(std::move(value))) {}
  Box(const Box& other) : p_(std::make_unique<T>(*other.p_)) {}
  Box(Box&&) noexcept = default;
  Box& operator=(Box other) noexcept {
    p_.swap(other.p_);
    return *this;
  }
  ~Box() = default;

  T& operator*() { return *p_; }
  const T& operator*() const { return *p_; }
  T* operator->() { return p_.get(); }
  const T* operator->() const { return p_.get(); }
  friend bool operator==(const Box& a, const Box& b) { return *a == *b; }

 private:
  std::unique_ptr<T> p_;
};

/// Makes one visitor of several lambdas; std::visit then fails to compile when a case is missing.
template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace quern
