#pragma once
// Makes what the Tree SHAP kernel walks: the layout of a tree and its tables. Private to
// codegen/forest.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "codegen/forest/predicates.h"
#include "codegen/forest/shap_steps.h"
#include "codegen/interpret/shap.h"

namespace quern::codegen {

/// The features whose attributions some trees are summed by.
struct SumColumns {
  std::vector<std::int32_t> features;                     ///< by column
  std::unordered_map<std::int32_t, std::uint32_t> place;  ///< of each feature

  /// The column of a feature, which gets one if it has none.
  std::uint32_t of(std::int32_t feature);
};

/// Lays a tree out, whose predicates have numbers. \param bunch_bits, lanes  see ShapSteps.
ShapTree lay_out(const Tree& tree, const TreeRoutes& routes, const Predicates& predicates,
                 SumColumns& columns, int bunch_bits, std::size_t lanes);

/// Fills the tables of a tree. Cost: O(points) a split, times 2^bunch_bits in a bunch.
void tabulate(const ShapTree& laid, const Tree& tree, const TreeRoutes& routes, std::size_t lanes,
              ShapTables& out);

}  // namespace quern::codegen
