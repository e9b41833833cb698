#pragma once
// Groups of features of which a row has few: they stand behind all others, are kept as the entries
// that are there, and what is absent is missing.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/network_use.h"

namespace quern::ir {

/// Text like "3:0.5 17:2" or "3,17": entries by key. A key without a value has the value 1.
struct SparseText {
  std::string delimiter = {};  ///< between entries; empty: blanks or commas
  std::string key_delimiter = ":";
  bool weighted = true;  ///< false: each key that is there has the value 1
  friend bool operator==(const SparseText&, const SparseText&) = default;
};

/// Text like "1, 2.5, 3": as many numbers as the group is wide.
struct DenseText {
  friend bool operator==(const DenseText&, const DenseText&) = default;
};

/// A category as 1 at its code.
struct OneHot {
  std::size_t feature = 0;  ///< index of a hidden feature
  friend bool operator==(const OneHot&, const OneHot&) = default;
};

/// How often each sequence of one to `words` words comes in a text, by its hash.
struct Ngrams {
  std::uint32_t words = 1;
  friend bool operator==(const Ngrams&, const Ngrams&) = default;
};

struct SparseGroup {
  std::string name;
  std::size_t input = 0;
  std::variant<SparseText, DenseText, OneHot, Ngrams> source;
  std::uint32_t width = 0;            ///< features; 0 while only the rows can tell
  bool is_fitted = false;             ///< the rows told the width
  std::vector<NetworkUse> uses = {};  ///< as Feature's
  friend bool operator==(const SparseGroup&, const SparseGroup&) = default;
};

/// Words that a sequence may have at most: each of them is hashed anew.
inline constexpr std::uint32_t kMostWords = 8;

/// Features that all groups of a program may have: XGBoost's indices are 32 bits wide, its own
/// structures of that many columns are not small.
inline constexpr std::uint32_t kMostSparse = 1 << 24;

/// "sparse text, 17 wide": for DESCRIBE and EXPLAIN.
std::string group_words(const SparseGroup& group);

}  // namespace quern::ir
