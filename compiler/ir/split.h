#pragma once
// How the rows of a training are divided into those that a model learns from and those it is
// checked on.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/span.h"

namespace quern::ir {

enum class SplitMethod : std::uint8_t {
  by_size,     ///< random from kSplitFrom rows on, else none
  none,        ///< every row is learned from
  random,      ///< by a hash of each row, whatever the rows' order; with a key, of its value
  group,       ///< the same, where the key is what was asked for
  sequential,  ///< the last rows of the query are kept apart
  column,      ///< a column says where each row goes
  stratified,  ///< the same share of each class, by the rows' hashes
  kfold,       ///< each part is kept apart once, by the rows' hashes; the model learns from all
};

/// Rows from which a training is split without being asked to.
inline constexpr std::int64_t kSplitFrom = 500;

struct Split {
  SplitMethod method = SplitMethod::by_size;
  double eval = 0.2;  ///< share kept apart for validation, above 0 and below 1
  double test = 0;    ///< share kept apart for a last test, from 0 and below 1 - eval
  int folds = 5;      ///< kfold only
  std::int64_t seed = 0;
  /// Column of the query: the key whose rows stay together, or with SplitMethod::column what says
  /// where they go.
  std::optional<std::size_t> key = {};
  SourceSpan span = SourceSpan::none();  ///< of what asked for the split; unknown for the default
};

/// What by_size comes to at so many rows; other methods are what they are.
SplitMethod settle(SplitMethod method, std::int64_t rows);

/// Rows are told apart by a hash of their values, or of their key.
bool is_drawn(SplitMethod method);
/// The parts have exact shares, so that rows are marked when all have come.
bool is_ranked(SplitMethod method);

std::string method_name(SplitMethod method);
/// The method that an attribute or a model names; by_size where it is none.
SplitMethod find_split_method(std::string_view name);

/// The split in words, for EXPLAIN: "random, 0.2 for validation, seed 0".
std::string describe(const Split& split);

}  // namespace quern::ir
