#pragma once
// Reads one tree of XGBoost's model document. Called by xgboost_reader.cpp for each.

#include "codegen/forest/document.h"
#include "codegen/forest/forest.h"

namespace quern::codegen {

/// Reads a tree's nodes and category sets; weight and output are the caller's.
///
/// \param features        every split is checked to be below it.
/// \param category_words  what the forest may still spend on category sets; counted down.
/// \param statistics      set to false where covers or gains are missing or unusable; those are
/// then 0. Errors: corrupt_model, not_in_this_version (leaves that are vectors).
Result<Tree> read_tree(const DocumentValue& tree, std::int32_t features,
                       std::size_t& category_words, bool& statistics);

}  // namespace quern::codegen
