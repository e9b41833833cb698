#pragma once
// The script as ANTLR reads it: UTF-8 in place, positions in bytes. ANTLR's own stream copies the
// text to UTF-32 and counts code points, which every span would then have to be mapped back from.

#include <cstddef>
#include <string>
#include <string_view>

#include "antlr4-runtime.h"

namespace quern {

/// Bytes of a text that outlives the stream. Invalid UTF-8 reads as U+FFFD, byte by byte.
class SourceStream final : public antlr4::CharStream {
 public:
  explicit SourceStream(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }

  void consume() override;
  std::size_t LA(ssize_t offset) override;
  ssize_t mark() override { return -1; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = std::min(index, text_.size()); }
  std::size_t size() override { return text_.size(); }
  std::string getSourceName() const override { return "script"; }
  std::string getText(const antlr4::misc::Interval& interval) override;
  std::string toString() const override { return std::string(text_); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace quern
