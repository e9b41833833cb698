#pragma once
// Diagnostics as C sees them: structs of pointers, and what the pointers point to.

#include <deque>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "api/quern.h"
#include "base/result.h"

namespace quern::c_abi {

/// The text that spans point into, and its name.
struct SourceText {
  std::string_view name;
  std::string_view text;
};

/// A C string has no zero bytes within: a blank takes their place, so that lengths stay.
std::string c_text(std::string_view text);

/// QUERN_ERROR and its like.
int32_t severity_of(Severity severity);

/// One problem. Not to be copied: its view points into it.
class Problem {
 public:
  Problem(const Diagnostic& problem, const SourceText& source);
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  const quern_problem& view() const { return view_; }

 private:
  std::string code_, title_, message_, hint_, source_, rendered_;
  std::deque<std::string> note_texts_;
  std::deque<quern_problem_note> notes_;
  std::vector<const quern_problem_note*> pointers_;
  quern_problem view_{};
};

}  // namespace quern::c_abi

struct quern_problems {
  std::vector<std::unique_ptr<const quern::c_abi::Problem>> list;
  std::string text;

  void add(const quern::Diagnostic& problem, const quern::c_abi::SourceText& source);
};

namespace quern::c_abi {

/// Hands problems to the caller, if it wants them. Gives QUERN_FAILED.
int fail(quern_problems** out, const Diagnostics& problems, const SourceText& source = {}) noexcept;

/// The error of a caller that passes NULL.
Diagnostic missing(const char* what);

/// Runs what gives Result<void>; nothing is thrown beyond it.
template <typename F>
int guarded(quern_problems** out, const SourceText& source, F f) noexcept {
  if (out != nullptr) *out = nullptr;
  try {
    const Result<void> done = f();
    return done ? QUERN_OK : fail(out, done.errors(), source);
  } catch (const std::bad_alloc&) {
    return fail(out, Diagnostics{}, source);
  } catch (const std::exception& e) {
    return fail(out, {{Code::internal, e.what()}}, source);
  } catch (...) {
    return fail(out, {{Code::internal, "internal error"}}, source);
  }
}

template <typename F>
int guarded(quern_problems** out, F f) noexcept {
  return guarded(out, {}, std::move(f));
}

/// `size` bytes, or up to the zero byte.
inline std::string_view text_of(const char* text, size_t size) {
  if (text == nullptr) return {};
  return size == QUERN_WHOLE ? std::string_view(text) : std::string_view(text, size);
}

}  // namespace quern::c_abi
