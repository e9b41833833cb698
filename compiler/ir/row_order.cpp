// The wrapping keeps the query's bytes as they are, so one offset maps all of them.

#include "compiler/ir/row_order.h"

#include <algorithm>

namespace quern::ir {
namespace {

constexpr std::string_view kBefore = "SELECT * FROM (";
/// The line break ends a comment that the query may end with.
constexpr std::string_view kBehind = "\n) AS quern_rows ORDER BY ";

SourceSpan moved(SourceSpan span, const Query& query, const RowOrder& order) {
  const auto end = kBefore.size() + query.text.size();
  if (!span.known() || span.begin < kBefore.size()) return query.span;
  if (span.begin >= end) return order.span;
  const auto shift = query.span.begin - kBefore.size();
  return {span.begin + shift, std::min(span.end, end) + shift};
}

}  // namespace

std::string ordered_text(const Query& query, const RowOrder& order) {
  return std::string(kBefore) + query.text + std::string(kBehind) + order.by;
}

Diagnostics moved_from_ordered(Diagnostics errors, const Query& query, const RowOrder& order) {
  for (auto& error : errors) {
    if (error.code == Code::cancelled) continue;
    error.span = moved(error.span, query, order);
    for (auto& note : error.notes) note.span = moved(note.span, query, order);
  }
  return errors;
}

}  // namespace quern::ir
