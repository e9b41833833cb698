// Sums over splits, then averages.

#include "codegen/forest/importance.h"

namespace quern::codegen {

std::vector<Importance> importances(const Forest& forest) {
  std::vector<Importance> out(static_cast<std::size_t>(forest.features));
  for (const auto& tree : forest.trees) {
    for (const auto& node : tree.nodes) {
      if (node.left == -1) continue;
      auto& of = out[static_cast<std::size_t>(node.feature)];
      ++of.splits;
      of.gain += node.gain;
      of.cover += node.cover;
    }
  }
  for (auto& of : out) {
    if (of.splits == 0) continue;
    of.gain /= static_cast<double>(of.splits);
    of.cover /= static_cast<double>(of.splits);
  }
  return out;
}

}  // namespace quern::codegen
