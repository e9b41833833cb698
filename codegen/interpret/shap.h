#pragma once
// Exact Tree SHAP, interpreted: how much each feature moved a row's margins. Slow and obvious, the
// oracle of every faster kernel.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "codegen/forest/forest.h"
#include "codegen/forest/quadrature.h"

namespace quern::codegen {

/// What SHAP needs of a tree beyond its nodes; vectors by node.
struct TreeRoutes {
  std::vector<std::int32_t> parent;  ///< -1 for the root
  std::vector<double> share;         ///< of the parent's cover
  std::size_t players = 0;           ///< features that split on one path, at most
  double expected = 0;  ///< what the tree adds if nothing is known of a row; unweighted
};

/// Shapley values of the path-dependent game: a feature outside the coalition sends a row both
/// ways, in proportion to the covers of the children.
///
/// Rule: Lundberg, Erion, Lee 2018, "Consistent Individualized Feature Attribution for Tree
/// Ensembles", the values of algorithm 2; XGBoost 1.7 `pred_contribs`, pinned by tests/property. A
/// node of no cover at all is halved, where XGBoost gives NaN. Threads: const, re-entrant.
class TreeShap {
 public:
  /// Levels up to which trees are explained.
  static constexpr std::size_t kMaxDepth = 1024;

  /// `forest` must outlive it. Errors: corrupt_model (no covers), not_in_this_version (deeper
  /// trees).
  static Result<TreeShap> make(const Forest& forest);

  /// Values a row: for each output one a feature, then the expected margin (the bias).
  std::size_t width() const;

  /// Fills out[width()], output after output. Each output's values sum to its margin, up to
  /// rounding. Cost: O(leaves * depth^2) a tree.
  void explain(const FeatureView& x, std::int64_t row, std::span<double> out,
               BaseMargins base = {}) const;

  /// Adds what one tree gives to each feature to out[features].
  void add_tree(std::size_t tree, const FeatureView& x, std::int64_t row,
                std::span<double> out) const;
  const TreeRoutes& routes(std::size_t tree) const { return routes_[tree]; }
  /// What a tree adds to the expected margin.
  double expected(std::size_t tree) const;

 private:
  explicit TreeShap(const Forest& forest) : forest_(forest) {}
  Result<void> add(const Tree& tree);
  void add_rule(std::size_t players);

  const Forest& forest_;
  std::vector<TreeRoutes> routes_;  ///< of each tree
  std::vector<Quadrature> rules_;   ///< by number of players; empty where no path has so many
};

}  // namespace quern::codegen
