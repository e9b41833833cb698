#pragma once
// How the rows of a training are divided into those that a model learns from and those it is
// checked on.

#include <cstdint>
#include <optional>
#include <string>

#include "base/span.h"

namespace quern::ir {

enum class SplitMethod : std::uint8_t {
  by_size,     ///< random from kSplitFrom rows on, else none
  none,        ///< every row is learned from
  random,      ///< by a hash of each row, whatever the rows' order
  sequential,  ///< the last rows of the query are kept apart
};

/// Rows from which a training is split without being asked to.
inline constexpr std::int64_t kSplitFrom = 500;

struct Split {
  SplitMethod method = SplitMethod::by_size;
  double eval = 0.2;  ///< share kept apart, above 0 and below 1
  std::int64_t seed = 0;
  std::optional<std::size_t> key = {};   ///< column of the query; random only
  SourceSpan span = SourceSpan::none();  ///< of what asked for the split; unknown for the default
};

/// What by_size comes to at so many rows; other methods are what they are.
SplitMethod settle(SplitMethod method, std::int64_t rows);

std::string method_name(SplitMethod method);

/// The split in words, for EXPLAIN: "random, 0.2 for validation, seed 0".
std::string describe(const Split& split);

}  // namespace quern::ir
