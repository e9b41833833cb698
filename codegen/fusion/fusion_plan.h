#pragma once
// What compiled code computes for one model and one query: which columns it reads, what it makes of
// them, and what it asks or adds up. Data only; codegen/llvm turns it into a function.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/column.h"
#include "codegen/forest/block.h"
#include "codegen/forest/linear.h"
#include "compiler/ir/feature_program.h"

namespace quern::codegen {

/// A column as compiled code sees it: values in the layout of base/column.h, booleans as bits.
struct FusedColumn {
  std::string name;
  TypeKind kind = TypeKind::float64;
  /// The place of the input of the program; of a column of float32 that is prepared row by row
  /// beforehand, NaN where it is missing, that of its feature.
  std::size_t source = 0;
  bool prepared = false;
};

/// A feature that the model uses: float32 of the steps of double(value), NaN where it is missing.
struct FusedFeature {
  std::string name;
  std::size_t column = 0;  ///< of FusionPlan::columns
  std::vector<ir::Step> steps = {};
  std::optional<std::size_t> place = {};  ///< among the block's columns, where its values go
};

/// "Is a value not below the threshold?", asked of what is in the column: the steps are in the
/// threshold. Thresholds and `floor` are in the kind of the column, as bits; a threshold is neither
/// the kind's least value nor NaN.
struct RawQuestion {
  std::uint64_t threshold = 0;
  std::uint32_t mask = 0;
  bool if_missing = false;  ///< the answer for NULL and NaN
  bool if_low = false;      ///< for values up to `floor`
};
struct RawQuestions {
  std::size_t feature = 0;                  ///< of FusionPlan::features
  std::optional<std::uint64_t> floor = {};  ///< up to here a logarithm is missing
  std::vector<RawQuestion> questions;
};

struct CategoryQuestions {
  std::size_t feature = 0;
  std::vector<CategoryQuestion> questions;
};

/// Values of features, and answers to what a forest asks where that costs less than their values.
struct FusedForest {
  std::size_t masks = 0;
  std::size_t columns = 0;
  std::vector<RawQuestions> raw;
  std::vector<CategoryQuestions> categories;
  std::vector<bool> answered;  ///< by feature of the program: AnsweredBlock::answered
};

/// Margins of a linear model: features in their order, then the categories of groups.
struct FusedLinear {
  struct Term {
    std::size_t feature = 0;
    /// [width, outputs]: of a category, one of each code, of a number only one.
    std::vector<float> weights;
    bool category = false;
  };
  std::size_t outputs = 1;
  std::vector<Term> terms;
};

struct FusionPlan {
  std::vector<FusedColumn> columns;
  std::vector<FusedFeature> features;
  std::variant<FusedForest, FusedLinear> model;
};

/// Plans the code of a forest. \param kinds  of the program's inputs, as the query returns them.
/// nullopt where it is not worth it: too many features, or groups that are not fused.
std::optional<FusionPlan> fuse(const ir::FeatureProgram& program,
                               const std::vector<TypeKind>& kinds, const BlockQuestions& questions);
/// The same of a linear model.
std::optional<FusionPlan> fuse(const ir::FeatureProgram& program,
                               const std::vector<TypeKind>& kinds, const Linear& linear);

}  // namespace quern::codegen
