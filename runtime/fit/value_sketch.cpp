// The least hashes in order.

#include "runtime/fit/value_sketch.h"

#include <algorithm>

namespace quern::runtime {

void ValueSketch::insert(std::uint64_t hash) {
  const auto at = std::lower_bound(values_.begin(), values_.end(), hash,
                                   [](const Value& v, std::uint64_t h) { return v.hash < h; });
  ++rows_;
  if (at != values_.end() && at->hash == hash) {
    ++at->rows;
    return;
  }
  values_.insert(at, {hash, 1});
  if (values_.size() <= kKept) return;
  rows_ -= values_.back().rows;
  values_.pop_back();
}

}  // namespace quern::runtime
