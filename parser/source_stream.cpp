// ANTLR's view of a text in UTF-8.

#include "parser/source_stream.h"

#include "base/utf8.h"

namespace quern {
void SourceStream::consume() {
  if (at_ < text_.size()) at_ += decode_utf8(text_, at_).size;
}

std::size_t SourceStream::LA(ssize_t offset) {
  if (offset == 0) return 0;
  auto at = at_;
  // Only the lexer reads here, and it never looks back.
  for (ssize_t i = 1; i < offset && at < text_.size(); ++i) at += decode_utf8(text_, at).size;
  return at < text_.size() && offset > 0 ? decode_utf8(text_, at).value : IntStream::EOF;
}

std::string SourceStream::getText(const antlr4::misc::Interval& interval) {
  const auto begin = std::min(static_cast<std::size_t>(interval.a), text_.size());
  const auto end = std::min(static_cast<std::size_t>(interval.b) + 1, text_.size());
  return std::string(text_.substr(begin, end > begin ? end - begin : 0));
}

}  // namespace quern
