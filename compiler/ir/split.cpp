// Words and the rule of size.

#include "compiler/ir/split.h"

#include "base/format.h"

namespace quern::ir {
namespace {

std::string shares(const Split& split) {
  auto out = format_double(split.eval) + " for validation";
  if (split.test > 0) out += ", " + format_double(split.test) + " for the test";
  return out;
}

}  // namespace

SplitMethod settle(SplitMethod method, std::int64_t rows) {
  if (method != SplitMethod::by_size) return method;
  return rows >= kSplitFrom ? SplitMethod::random : SplitMethod::none;
}

bool is_drawn(SplitMethod method) {
  return method == SplitMethod::by_size || method == SplitMethod::random ||
         method == SplitMethod::group || is_ranked(method);
}

bool is_ranked(SplitMethod method) {
  return method == SplitMethod::stratified || method == SplitMethod::kfold;
}

std::string method_name(SplitMethod method) {
  switch (method) {
    case SplitMethod::by_size: return "by size";
    case SplitMethod::none: return "none";
    case SplitMethod::random: return "random";
    case SplitMethod::group: return "group";
    case SplitMethod::sequential: return "sequential";
    case SplitMethod::column: return "column";
    case SplitMethod::stratified: return "stratified";
    case SplitMethod::kfold: return "kfold";
  }
  return "";
}

SplitMethod find_split_method(std::string_view name) {
  for (const auto method :
       {SplitMethod::none, SplitMethod::random, SplitMethod::group, SplitMethod::sequential,
        SplitMethod::column, SplitMethod::stratified, SplitMethod::kfold}) {
    if (name == method_name(method)) return method;
  }
  return SplitMethod::by_size;
}

std::string describe(const Split& split) {
  const auto seed = ", seed " + std::to_string(split.seed);
  switch (split.method) {
    case SplitMethod::none: return "none";
    case SplitMethod::sequential: return "sequential, the last " + shares(split);
    case SplitMethod::column: return "by the values of a column";
    case SplitMethod::kfold: {
      const auto test = split.test > 0 ? ", " + format_double(split.test) + " for the test" : "";
      return "kfold, " + std::to_string(split.folds) + " folds" + test + seed;
    }
    case SplitMethod::by_size:
      return "random, " + shares(split) + seed + ", from " + std::to_string(kSplitFrom) +
             " rows on; else none";
    default: return method_name(split.method) + ", " + shares(split) + seed;
  }
}

}  // namespace quern::ir
