// Words and the rule of size.

#include "compiler/ir/split.h"

#include "base/format.h"

namespace quern::ir {

SplitMethod settle(SplitMethod method, std::int64_t rows) {
  if (method != SplitMethod::by_size) return method;
  return rows >= kSplitFrom ? SplitMethod::random : SplitMethod::none;
}

std::string method_name(SplitMethod method) {
  switch (method) {
    case SplitMethod::by_size: return "by size";
    case SplitMethod::none: return "none";
    case SplitMethod::random: return "random";
    case SplitMethod::sequential: return "sequential";
  }
  return "";
}

std::string describe(const Split& split) {
  if (split.method == SplitMethod::none) return "none";
  const auto share = format_double(split.eval) + " for validation";
  if (split.method == SplitMethod::sequential) return "sequential, the last " + share;
  auto random = "random, " + share + ", seed " + std::to_string(split.seed);
  if (split.method == SplitMethod::random) return random;
  return random + ", from " + std::to_string(kSplitFrom) + " rows on; else none";
}

}  // namespace quern::ir
