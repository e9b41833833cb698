#pragma once
// What the fuzz targets share. Each target is one function in libFuzzer's form; built by clang it
// is linked with libFuzzer, else with replay.cpp, which runs the files of the corpus.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/dialect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace quern::fuzz {

/// Ends the process as a finding, with what is wrong.
[[noreturn]] inline void finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// An input whose first character chooses one of several ways; a letter or digit, to be typed.
struct Choice {
  std::size_t way = 0;  ///< below the number of ways
  std::span<const std::uint8_t> rest;
};

/// An empty input chooses the first way and has no rest.
inline Choice choose(const std::uint8_t* data, std::size_t size, std::size_t ways) {
  if (size == 0) return {};
  return {(data[0] - std::size_t{'0'}) % ways, {data + 1, size - 1}};
}

/// Draws a message and looks at its form: words, and spans within the text they point into.
inline void check_message(const Diagnostic& d, std::string_view text) {
  if (d.message.empty()) finding("an error without a message");
  if (d.span.known() && (d.span.begin > d.span.end || d.span.end > text.size()))
    finding("a span beyond the text: " + d.message);
  for (const auto& note : d.notes) {
    if (note.span.known() && (note.span.begin > note.span.end || note.span.end > text.size()))
      finding("a note's span beyond the text: " + note.message);
  }
  if (render(d, text, "<fuzz>").empty()) finding("a message that draws nothing: " + d.message);
}

inline void check_messages(const Diagnostics& messages, std::string_view text) {
  for (const auto& message : messages) check_message(message, text);
}

/// The same for a failure, which says at least one thing.
inline void check_failure(const Diagnostics& messages, std::string_view text = {}) {
  if (messages.empty()) finding("a failure without an error");
  check_messages(messages, text);
}

}  // namespace quern::fuzz
