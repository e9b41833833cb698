// Leaf by leaf. A leaf of value v, on whose path the features 1..d split, is a game of d players:
// with coalition S it pays v * prod(i in S) one_i * prod(i not in S) zero_i, where one_i is 1 if
// the row follows the path at all of i's splits and else 0, and zero_i is the product of the cover
// shares there. The Shapley value of player i, its sum over coalitions written with the Beta
// integral
//   |S|! (d-1-|S|)! / d! = integral over t from 0 to 1 of t^|S| (1-t)^(d-1-|S|),
// is v * (one_i - zero_i) * integral of prod(j != i) (one_j t + zero_j (1-t)): a polynomial of
// degree d-1, which Gauss-Legendre quadrature with d/2 nodes integrates exactly. All terms have one
// sign, so nothing cancels, nothing is divided by, and paths need no recursion.

#include "codegen/interpret/shap.h"

#include <algorithm>

#include "codegen/forest/routing.h"

namespace quern::codegen {

namespace {

double share_of(const Node& parent, const Node& child) {
  return parent.cover > 0 ? static_cast<double>(child.cover) / parent.cover : 0.5;
}

/// How many features split on the path to a leaf.
std::size_t count_players(const Tree& tree, const std::vector<std::int32_t>& parent,
                          std::size_t leaf, std::vector<std::int32_t>& seen) {
  seen.clear();
  for (auto at = parent[leaf]; at != -1; at = parent[static_cast<std::size_t>(at)]) {
    seen.push_back(tree.nodes[static_cast<std::size_t>(at)].feature);
  }
  std::sort(seen.begin(), seen.end());
  return static_cast<std::size_t>(std::unique(seen.begin(), seen.end()) - seen.begin());
}

/// The players of one leaf's path, and what they get of its value.
class Path {
 public:
  explicit Path(std::size_t features) : player_(features, -1) {}

  /// Climbs from a leaf to the root. `follows`, by node: the row goes from the node's parent to it.
  void gather(const Tree& tree, const TreeRoutes& routes, const std::vector<bool>& follows,
              std::size_t leaf) {
    for (const auto& player : players_) player_[player.feature] = -1;
    players_.clear();
    for (auto at = leaf; routes.parent[at] != -1;
         at = static_cast<std::size_t>(routes.parent[at])) {
      const auto& split = tree.nodes[static_cast<std::size_t>(routes.parent[at])];
      auto& player = player_of(static_cast<std::size_t>(split.feature));
      if (!follows[at]) player.one = 0;
      player.zero *= routes.share[at];
    }
  }

  std::size_t players() const { return players_.size(); }

  /// Adds each player's part of the leaf's value to `out`, by feature.
  void share_out(double value, const Quadrature& rule, std::span<double> out) {
    for (std::size_t q = 0; q < rule.at.size(); ++q) add_products(rule.at[q], rule.weight[q]);
    for (const auto& player : players_)
      out[player.feature] += value * (player.one - player.zero) * player.integral;
  }

 private:
  struct Player {
    std::size_t feature;
    double one = 1;
    double zero = 1;
    double factor = 0;    ///< one * t + zero * (1 - t)
    double before = 0;    ///< product of the factors before it
    double integral = 0;  ///< of the product of all others' factors
  };

  Player& player_of(std::size_t feature) {
    auto& at = player_[feature];
    if (at == -1) {
      at = static_cast<std::int32_t>(players_.size());
      players_.push_back({.feature = feature});
    }
    return players_[static_cast<std::size_t>(at)];
  }

  void add_products(double t, double weight) {
    double product = 1;
    for (auto& player : players_) {
      player.factor = player.one * t + player.zero * (1 - t);
      player.before = product;
      product *= player.factor;
    }
    double behind = weight;
    for (auto player = players_.rbegin(); player != players_.rend(); ++player) {
      player->integral += player->before * behind;
      behind *= player->factor;
    }
  }

  std::vector<Player> players_;
  std::vector<std::int32_t> player_;  ///< by feature; -1: not on this path
};

/// Marks, for each node, whether the row goes from its parent to it.
void mark(const Tree& tree, const FeatureView& x, std::int64_t row, std::vector<bool>& follows) {
  follows.assign(tree.nodes.size(), false);
  for (const auto& node : tree.nodes) {
    if (node.left == -1) continue;
    const bool left = goes_left(tree, node, x.at(row, node.feature));
    follows[static_cast<std::size_t>(left ? node.left : node.right)] = true;
  }
}

Diagnostic too_deep() {
  return {Code::not_in_this_version,
          "trees deeper than " + std::to_string(TreeShap::kMaxDepth) + " levels are not explained"};
}

}  // namespace

Result<TreeShap> TreeShap::make(const Forest& forest) {
  TreeShap out(forest);
  if (!forest.statistics) {
    return Diagnostic{Code::not_in_this_version,
                      "a forest whose file does not tell the covers of its nodes is not explained",
                      SourceSpan::none(), "USING permutation asks the rows instead"};
  }
  out.routes_.reserve(forest.trees.size());
  for (const auto& tree : forest.trees) QUERN_CHECK(out.add(tree));
  return out;
}

std::size_t TreeShap::width() const {
  return static_cast<std::size_t>(forest_.outputs) *
         (static_cast<std::size_t>(forest_.features) + 1);
}

Result<void> TreeShap::add(const Tree& tree) {
  const auto size = tree.nodes.size();
  TreeRoutes routes{.parent = std::vector<std::int32_t>(size, -1),
                    .share = std::vector<double>(size, 1)};
  std::vector<std::size_t> depth(size, 0);
  std::vector<double> reach(size, 1);  // share of the root's cover
  std::vector<std::int32_t> seen;
  for (std::size_t i = 0; i < size; ++i) {  // parents stand before their children
    const auto& node = tree.nodes[i];
    if (node.left == -1) {
      routes.expected += reach[i] * node.value;
      const auto players = count_players(tree, routes.parent, i, seen);
      routes.players = std::max(routes.players, players);
      add_rule(players);
      continue;
    }
    if (depth[i] == kMaxDepth) return too_deep();
    for (const auto child : {node.left, node.right}) {
      const auto c = static_cast<std::size_t>(child);
      routes.parent[c] = static_cast<std::int32_t>(i);
      routes.share[c] = share_of(node, tree.nodes[c]);
      reach[c] = reach[i] * routes.share[c];
      depth[c] = depth[i] + 1;
    }
  }
  routes_.push_back(std::move(routes));
  return {};
}

void TreeShap::add_rule(std::size_t players) {
  if (rules_.size() <= players) rules_.resize(players + 1);
  auto& rule = rules_[players];
  if (players == 0 || !rule.at.empty()) return;
  rule = gauss_legendre((players + 1) / 2);  // exact up to degree players - 1
}

void TreeShap::explain(const FeatureView& x, std::int64_t row, std::span<double> out,
                       BaseMargins base) const {
  const auto features = static_cast<std::size_t>(forest_.features);
  std::fill(out.begin(), out.end(), 0.0);
  const auto first = first_margins(forest_, base, row);
  for (std::size_t o = 0; o < first.size(); ++o) out[o * (features + 1) + features] = first[o];
  for (std::size_t t = 0; t < forest_.trees.size(); ++t) {
    const auto output = static_cast<std::size_t>(forest_.trees[t].output);
    const auto of_output = out.subspan(output * (features + 1), features + 1);
    of_output[features] += expected(t);
    add_tree(t, x, row, of_output.first(features));
  }
}

double TreeShap::expected(std::size_t tree) const {
  return forest_.trees[tree].weight * routes_[tree].expected;
}

void TreeShap::add_tree(std::size_t t, const FeatureView& x, std::int64_t row,
                        std::span<double> out) const {
  const auto& tree = forest_.trees[t];
  Path path(out.size());
  std::vector<bool> follows;
  mark(tree, x, row, follows);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (tree.nodes[i].left != -1) continue;
    path.gather(tree, routes_[t], follows, i);
    path.share_out(static_cast<double>(tree.weight) * tree.nodes[i].value, rules_[path.players()],
                   out);
  }
}

}  // namespace quern::codegen
