#pragma once
// What the rows of a training come to, as one number: the same search over other rows is another.

#include <cstdint>

#include "base/result.h"
#include "runtime/engines/engine.h"

namespace quern::runtime {

/// Folds everything that a source says of its rows into `h`, in their order; how they are divided
/// into pages does not matter. \param margins  of each row. \param labels  numbers of its label.
/// Errors: those of the source.
Result<std::uint64_t> fingerprint(PageSource& pages, std::int32_t margins, std::uint64_t h,
                                  std::int32_t labels = 1);

}  // namespace quern::runtime
