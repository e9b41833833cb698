#pragma once
// A column that a graph computes with: a number of an input behind some steps, or what stands for a
// category of it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/ir/feature_steps.h"

namespace quern::codegen {

/// Texts or whole numbers as a category.
struct FlowCategory {
  std::vector<std::string> vocabulary = {};  ///< rising, bytewise; numbers by their digits
  std::uint32_t ids = 0;                     ///< without a vocabulary: whole numbers below this
  std::vector<ir::Step> steps = {};          ///< of the numbers
  std::size_t codes() const { return vocabulary.empty() ? ids : vocabulary.size(); }
};

/// What stands for each category of a column: the values of a table, or 1 for one and 0 for others.
/// Codes are places in the vocabulary, or the whole numbers from 0 on; behind them is one for all
/// else, what is missing too.
struct FlowCode {
  std::shared_ptr<const FlowCategory> category;        ///< never null
  std::shared_ptr<const std::vector<float>> values{};  ///< by code, and of all else; may be null
  std::size_t place = 0;                               ///< without values: the code that gives 1
  /// In float64, and NaN where the table says so.
  double value(std::size_t code) const {
    return values ? (*values)[code] : (code == place ? 1.0 : 0.0);
  }
};

/// A column of the matrix that the graph computes with.
struct FlowColumn {
  std::size_t input = 0;  ///< among all columns of the graph's inputs
  std::vector<ir::Step> steps = {};
  std::shared_ptr<const FlowCode> code = {};  ///< of a category; the steps are behind it
  friend bool operator==(const FlowColumn&, const FlowColumn&) = default;
};
using FlowColumns = std::vector<FlowColumn>;

/// What a copy of columns takes of a budget: each, and each of their steps.
inline std::size_t size_of(const FlowColumns& columns) {
  auto out = columns.size();
  for (const auto& column : columns) out += column.steps.size();
  return out;
}

}  // namespace quern::codegen
