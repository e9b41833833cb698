// The layout follows the tree; the numbers are those of shap_steps.h.

#include "codegen/forest/shap_tables.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace quern::codegen {
namespace {

bool is_leaf(const Tree& tree, std::int32_t node) {
  return tree.nodes[static_cast<std::size_t>(node)].left == -1;
}

std::int32_t child_of(const Node& node, std::size_t side) {
  return side == 0 ? node.left : node.right;
}

/// What a row does at a split, seen from one of the children.
enum class Answer { there, elsewhere, off };

/// The feature that splits, as a player: products of the shares of the cover where it split.
struct Player {
  double share;  ///< of the child
  double zero;   ///< from the root to the child
  double above;  ///< from the root to the split; 1: it did not split above
};

struct Numbers {
  double factor;
  double part;
};

/// Factor and part at the point t.
Numbers numbers_of(const Player& player, double t, Answer answer) {
  const double upper = t + player.above * (1 - t);
  const double one = t + player.zero * (1 - t);
  switch (answer) {
    // (1 - zero) / one - (1 - above) / upper, without the cancellation.
    case Answer::there: return {one / upper, (player.above - player.zero) / (one * upper)};
    // -1 / (1 - t) - (1 - above) / upper.
    case Answer::elsewhere: return {player.zero * (1 - t) / upper, -1 / ((1 - t) * upper)};
    case Answer::off: return {player.share, 0};
  }
  return {};
}

/// A split on a path, and the edge by which the path goes on.
struct Step {
  std::int32_t feature;
  std::int32_t edge;
};

class Layout {
 public:
  Layout(const Tree& tree, const Predicates& predicates, SumColumns& columns, int bunch_bits)
      : tree_(tree), predicates_(predicates), columns_(columns), bunch_bits_(bunch_bits) {}

  ShapTree make(std::size_t players, std::size_t lanes) {
    if (players > 0) out_.rule = gauss_legendre((players + 1) / 2);
    for (const double weight : out_.rule.weight) out_.weights.push_back(static_cast<float>(weight));
    if (!is_leaf(tree_, 0)) add(0);
    place_tables(lanes);
    return std::move(out_);
  }

 private:
  /// Adds the split at a node and those below it; its number.
  std::int32_t add(std::int32_t at) {
    const auto number = static_cast<std::int32_t>(out_.nodes.size());
    if (const auto bunch = bunch_at(at)) {
      out_.nodes.push_back({.kind = ShapKind::bunch,
                            .source = at,
                            .bunch = static_cast<std::uint32_t>(out_.bunches.size())});
      out_.bunches.push_back(*bunch);
      return number;
    }
    const auto& node = tree_.nodes[static_cast<std::size_t>(at)];
    ShapNode split{.predicate = predicates_.number_of(tree_, node),
                   .column = columns_.of(node.feature),
                   .above = last_edge_of(node.feature),
                   .source = at};
    out_.nodes.push_back(split);
    int leaves = 0;
    for (const std::size_t side : {0, 1}) {
      const auto child = child_of(node, side);
      if (is_leaf(tree_, child)) {
        ++leaves;
        continue;
      }
      path_.push_back({node.feature, 2 * number + static_cast<std::int32_t>(side)});
      split.children[side] = add(child);
      path_.pop_back();
    }
    constexpr ShapKind kKinds[] = {ShapKind::no_leaf, ShapKind::one_leaf, ShapKind::two_leaves};
    split.kind = kKinds[leaves];
    out_.nodes[static_cast<std::size_t>(number)] = split;
    return number;
  }

  /// The splits from a node on as a bunch, if they are few enough.
  std::optional<ShapBunch> bunch_at(std::int32_t at) {
    ShapBunch bunch;
    std::vector<std::int32_t> inside;  // features
    if (!gather(at, bunch, inside) || bunch.splits < 2) return std::nullopt;
    return bunch;
  }

  /// \param inside  the features on the path within the bunch.
  bool gather(std::int32_t at, ShapBunch& bunch, std::vector<std::int32_t>& inside) {
    const auto& node = tree_.nodes[static_cast<std::size_t>(at)];
    if (bunch.splits + bunch.edges >= bunch_bits_) return false;
    const int split = bunch.splits++;
    bunch.predicate[split] = predicates_.number_of(tree_, node);
    bunch.place[split] = index_in(bunch.column, bunch.columns, columns_.of(node.feature));
    const bool is_inside = std::find(inside.begin(), inside.end(), node.feature) != inside.end();
    const auto edge = is_inside ? -1 : last_edge_of(node.feature);
    bunch.from[split] = -1;
    if (edge != -1) bunch.from[split] = index_in(bunch.edge, bunch.edges, edge);
    if (bunch.splits + bunch.edges > bunch_bits_) return false;
    inside.push_back(node.feature);
    const bool fits = (is_leaf(tree_, node.left) || gather(node.left, bunch, inside)) &&
                      (is_leaf(tree_, node.right) || gather(node.right, bunch, inside));
    inside.pop_back();
    return fits;
  }

  /// The place of a value among `size` others, to which it is added if it is new.
  template <typename T>
  static std::int8_t index_in(T* values, int& size, T value) {
    const auto at = std::find(values, values + size, value) - values;
    if (at == size) values[size++] = value;
    return static_cast<std::int8_t>(at);
  }

  std::int32_t last_edge_of(std::int32_t feature) const {
    const auto last = std::find_if(path_.rbegin(), path_.rend(),
                                   [&](const Step& step) { return step.feature == feature; });
    return last == path_.rend() ? -1 : last->edge;
  }

  void place_tables(std::size_t lanes) {
    const auto points = out_.weights.size();
    for (auto& node : out_.nodes) {
      node.terms = out_.terms;
      if (node.kind == ShapKind::bunch) {
        auto& bunch = out_.bunches[node.bunch];
        bunch.tables = out_.tables;
        out_.tables += static_cast<std::size_t>(1 + bunch.columns) * points * lanes;
      } else {
        out_.terms += points * (node.kind == ShapKind::two_leaves ? 1 : 2);
      }
    }
  }

  const Tree& tree_;
  const Predicates& predicates_;
  SumColumns& columns_;
  int bunch_bits_;
  ShapTree out_;
  std::vector<Step> path_;
};

Player player_of(const TreeRoutes& routes, std::int32_t child, double above) {
  const double share = routes.share[static_cast<std::size_t>(child)];
  return {share, above * share, above};
}

double value_of(const Tree& tree, std::int32_t leaf) {
  return static_cast<double>(tree.nodes[static_cast<std::size_t>(leaf)].value) * tree.weight;
}

/// Evaluates a bunch at one point for one combination of its bits.
class BunchWalk {
 public:
  /// \param zeros  by edge; see Tabulator.
  BunchWalk(const ShapBunch& bunch, const Tree& tree, const TreeRoutes& routes,
            const std::vector<double>& zeros)
      : bunch_(bunch), tree_(tree), routes_(routes), zeros_(zeros) {}

  /// The value of a reach of 1; the parts then are in parts().
  double value(std::int32_t root, unsigned bits, double t) {
    bits_ = bits;
    t_ = t;
    next_split_ = 0;
    std::fill(std::begin(parts_), std::end(parts_), 0.0);
    return walk(root, 1);
  }
  const double* parts() const { return parts_; }

 private:
  /// A feature that split on the path within the bunch.
  struct Split {
    std::int32_t feature;
    double zero;
    bool on;
  };

  bool bit(int at) const { return (bits_ >> at & 1U) != 0; }

  /// What the split has of the one above it.
  Split begin(std::int32_t feature, int split) const {
    const auto last = std::find_if(path_.rbegin(), path_.rend(),
                                   [&](const Split& above) { return above.feature == feature; });
    if (last != path_.rend()) return *last;
    const auto edge = bunch_.from[split];
    if (edge == -1) return {feature, 1, true};
    return {feature, zeros_[static_cast<std::size_t>(bunch_.edge[edge])],
            bit(bunch_.splits + edge)};
  }

  double walk(std::int32_t at, double reach) {
    const auto& node = tree_.nodes[static_cast<std::size_t>(at)];
    const int split = next_split_++;
    const auto above = begin(node.feature, split);
    double value = 0;
    for (const std::size_t side : {0, 1}) {
      const bool goes = bit(split) == (side == 1);
      const auto answer = !above.on ? Answer::off : goes ? Answer::there : Answer::elsewhere;
      const auto child = child_of(node, side);
      const auto player = player_of(routes_, child, above.zero);
      const auto numbers = numbers_of(player, t_, answer);
      path_.push_back({node.feature, player.zero, above.on && goes});
      const double came = is_leaf(tree_, child) ? reach * numbers.factor * value_of(tree_, child)
                                                : walk(child, reach * numbers.factor);
      path_.pop_back();
      value += came;
      parts_[bunch_.place[split]] += came * numbers.part;
    }
    return value;
  }

  const ShapBunch& bunch_;
  const Tree& tree_;
  const TreeRoutes& routes_;
  const std::vector<double>& zeros_;
  unsigned bits_ = 0;
  double t_ = 0;
  int next_split_ = 0;
  double parts_[ShapBunch::kMost] = {};  ///< by column of the bunch
  std::vector<Split> path_;
};

class Tabulator {
 public:
  Tabulator(const ShapTree& laid, const Tree& tree, const TreeRoutes& routes, std::size_t lanes,
            ShapTables& out)
      : laid_(laid), tree_(tree), routes_(routes), lanes_(lanes), out_(out) {}

  void run() {
    out_.terms.assign(laid_.terms, {});
    out_.tables = AlignedFloats(laid_.tables);
    zeros_.resize(2 * laid_.nodes.size());
    if (!laid_.nodes.empty()) fill(0);
  }

 private:
  void fill(std::int32_t number) {
    const auto& node = laid_.nodes[static_cast<std::size_t>(number)];
    if (node.kind == ShapKind::bunch) return fill_bunch(node);
    const auto& source = tree_.nodes[static_cast<std::size_t>(node.source)];
    const double above = node.above == -1 ? 1 : zeros_[static_cast<std::size_t>(node.above)];
    const auto points = laid_.weights.size();
    auto* leaves = out_.terms.data() + node.terms;
    auto* inner = leaves + (node.kind == ShapKind::no_leaf ? 0 : points);
    for (const std::size_t side : {0, 1}) {
      const auto child = child_of(source, side);
      const auto player = player_of(routes_, child, above);
      const auto edge = 2 * static_cast<std::size_t>(number) + side;
      zeros_[edge] = player.zero;
      if (is_leaf(tree_, child)) {
        add_leaf(player, side, value_of(tree_, child), leaves);
      } else {
        add_inner(player, side, inner);
        inner += points;
        fill(node.children[side]);
      }
    }
  }

  void fill_bunch(const ShapNode& node) {
    const auto& bunch = laid_.bunches[node.bunch];
    BunchWalk walk(bunch, tree_, routes_, zeros_);
    const auto points = laid_.weights.size();
    for (std::size_t p = 0; p < points; ++p) {
      for (unsigned bits = 0; bits < 1U << (bunch.splits + bunch.edges); ++bits) {
        float* table = out_.tables.data() + bunch.tables + p * lanes_ + bits;
        *table = static_cast<float>(walk.value(node.source, bits, laid_.rule.at[p]));
        for (int c = 0; c < bunch.columns; ++c) {
          table += points * lanes_;
          *table = static_cast<float>(walk.parts()[c]);
        }
      }
    }
  }

  /// Calls add(answer, numbers) for each, `answer` a member of ByAnswer.
  template <typename Add>
  static void each_answer(const Player& player, std::size_t side, double t, Add add) {
    add(side == 0 ? &ByAnswer::left : &ByAnswer::right, numbers_of(player, t, Answer::there));
    add(side == 0 ? &ByAnswer::right : &ByAnswer::left, numbers_of(player, t, Answer::elsewhere));
    add(&ByAnswer::off, numbers_of(player, t, Answer::off));
  }

  void add_leaf(const Player& player, std::size_t side, double value, ShapTerm* terms) const {
    for (std::size_t p = 0; p < laid_.weights.size(); ++p) {
      each_answer(player, side, laid_.rule.at[p], [&](auto answer, const Numbers& numbers) {
        const double reached = value * numbers.factor;
        terms[p].factor.*answer += static_cast<float>(reached);
        terms[p].part.*answer += static_cast<float>(reached * numbers.part);
      });
    }
  }

  void add_inner(const Player& player, std::size_t side, ShapTerm* terms) const {
    for (std::size_t p = 0; p < laid_.weights.size(); ++p) {
      each_answer(player, side, laid_.rule.at[p], [&](auto answer, const Numbers& numbers) {
        terms[p].factor.*answer = static_cast<float>(numbers.factor);
        terms[p].part.*answer = static_cast<float>(numbers.part);
      });
    }
  }

  const ShapTree& laid_;
  const Tree& tree_;
  const TreeRoutes& routes_;
  std::size_t lanes_;
  ShapTables& out_;
  std::vector<double> zeros_;  ///< by edge: the shares' product of the feature that split there
};

}  // namespace

std::uint32_t SumColumns::of(std::int32_t feature) {
  const auto [at, is_new] = place.try_emplace(feature, static_cast<std::uint32_t>(features.size()));
  if (is_new) features.push_back(feature);
  return at->second;
}

ShapTree lay_out(const Tree& tree, const TreeRoutes& routes, const Predicates& predicates,
                 SumColumns& columns, int bunch_bits, std::size_t lanes) {
  return Layout(tree, predicates, columns, bunch_bits).make(routes.players, lanes);
}

void tabulate(const ShapTree& laid, const Tree& tree, const TreeRoutes& routes, std::size_t lanes,
              ShapTables& out) {
  Tabulator(laid, tree, routes, lanes, out).run();
}

}  // namespace quern::codegen
