#pragma once
// A block of rows, as kernels go through them, and what is asked of it before any tree is looked
// at.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quern::codegen {

inline constexpr int kBlockRows = 512;
inline constexpr int kMaskWords = kBlockRows / 64;

/// Bit r of a mask is the answer for row r of the block.
struct alignas(64) Mask {
  std::uint64_t words[kMaskWords];
};

/// All that a forest asks of one numeric feature: is a value not below a threshold? Answers are
/// masks that follow one another, in the order of the members.
struct NumberQuestions {
  std::int32_t feature = 0;
  std::size_t first_mask = 0;
  std::vector<float> lefts;   ///< thresholds that NaN is below
  std::vector<float> rights;  ///< others, that it is not below
  /// Thresholds of `lefts`, by their places, that are asked about once more with NaN not below.
  std::vector<std::uint32_t> twins;
};

/// Is a value a category that does not go right? See Node.
struct CategoryQuestion {
  std::int32_t feature = 0;
  std::size_t mask = 0;
  bool default_left = false;
  std::vector<std::uint32_t> set;  ///< bit c set: category c goes right
};

/// What a forest wants to know of a block.
struct BlockQuestions {
  std::size_t masks = 0;  ///< of all answers, then room that the kernel works in
  /// Features that are used, each at its place among the block's columns.
  std::vector<std::int32_t> columns;
  bool reads_values = false;  ///< of each of them, whoever answers the questions
  std::vector<NumberQuestions> numbers;
  std::vector<CategoryQuestion> categories;
};

/// A block some of whose questions are answered already; the others are asked of its columns.
/// Shapes: masks [BlockQuestions::masks], columns [BlockQuestions::columns, kBlockRows]; sums
/// [outputs, kBlockRows] is room to work in.
struct AnsweredBlock {
  std::int64_t rows = 0;  ///< at most kBlockRows; answers beyond them do not matter
  Mask* masks = nullptr;
  const float* columns = nullptr;  ///< need not hold features whose questions are all answered
  float* sums = nullptr;
  /// By feature: whether its questions are answered.
  const std::vector<bool>* answered = nullptr;
};

}  // namespace quern::codegen
