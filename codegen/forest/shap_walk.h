// The walk through one tree, for the set of instructions of the file that includes this inside a
// namespace of its own. Beyond what shap_split.h needs, it needs the type Index (a number a lane),
// add_bit() and look_up(). No include guard: each set compiles it anew.

#include "codegen/forest/shap_split.h"

QUERN_TARGET void visit(const Walk& walk, std::size_t at, const Place& place);

template <bool kRepeats, ShapKind kKind>
QUERN_TARGET void visit_split(const Walk& walk, std::size_t at, const Place& place) {
  const int points = walk.points;
  const auto size = points * kStepRows;
  const auto& node = walk.tree.nodes[at];
  const auto answers = read_answers(walk, at, node);
  const auto* terms = walk.tables.terms.data() + node.terms;
  const auto* down = terms + (kKind == ShapKind::no_leaf ? 0 : points);
  float* below = place.free;
  float* right = below + size;
  float* free = right + size;
  if constexpr (kKind == ShapKind::one_leaf) {
    const auto child = node.children[node.children[0] == -1 ? 1 : 0];
    go_down<kRepeats>(points, down, answers, place.reach, below);
    visit(walk, static_cast<std::size_t>(child), {below, place.value, free});
  }
  if constexpr (kKind == ShapKind::no_leaf) {
    go_down<kRepeats>(points, down, answers, place.reach, below);
    visit(walk, static_cast<std::size_t>(node.children[0]), {below, place.value, free});
    go_down<kRepeats>(points, down + points, answers, place.reach, below);
    visit(walk, static_cast<std::size_t>(node.children[1]), {below, right, free});
  }
  come_up<kRepeats, kKind>(points, terms, answers, place, right, walk.sum_of(node.column));
}

QUERN_TARGET void visit_bunch(const Walk& walk, const ShapBunch& bunch, const Place& place) {
  const int points = walk.points;
  Index index[kVectors]{};
  for (int i = 0; i < bunch.splits; ++i) {
    const auto right = walk.answer(bunch.predicate[i]);
    for (int v = 0; v < kVectors; ++v) index[v] = add_bit(index[v], choice_of(right, v), i);
  }
  for (int i = 0; i < bunch.edges; ++i) {
    const auto on = walk.goes[bunch.edge[i]];
    for (int v = 0; v < kVectors; ++v)
      index[v] = add_bit(index[v], choice_of(on, v), bunch.splits + i);
  }
  const auto* table = walk.tables.tables.data() + bunch.tables;
  for (int p = 0; p < points; ++p, table += kLanes) {
    const Vector numbers = load(table);
    for (int v = 0; v < kVectors; ++v) {
      const auto row = p * kStepRows + v * kLanes;
      store(place.value + row, multiply(load(place.reach + row), look_up(numbers, index[v])));
    }
  }
  for (int c = 0; c < bunch.columns; ++c) {
    float* sum = walk.sum_of(bunch.column[c]);
    Vector parts[kVectors];
    for (int v = 0; v < kVectors; ++v) parts[v] = load(sum + v * kLanes);
    for (int p = 0; p < points; ++p, table += kLanes) {
      const Vector numbers = load(table);
      for (int v = 0; v < kVectors; ++v) {
        const auto row = p * kStepRows + v * kLanes;
        parts[v] = multiply_add(load(place.reach + row), look_up(numbers, index[v]), parts[v]);
      }
    }
    for (int v = 0; v < kVectors; ++v) store(sum + v * kLanes, parts[v]);
  }
}

template <bool kRepeats>
QUERN_TARGET void visit_kind(const Walk& walk, std::size_t at, const Place& place) {
  switch (walk.tree.nodes[at].kind) {
    case ShapKind::two_leaves: return visit_split<kRepeats, ShapKind::two_leaves>(walk, at, place);
    case ShapKind::one_leaf: return visit_split<kRepeats, ShapKind::one_leaf>(walk, at, place);
    case ShapKind::no_leaf: return visit_split<kRepeats, ShapKind::no_leaf>(walk, at, place);
    case ShapKind::bunch:
      return visit_bunch(walk, walk.tree.bunches[walk.tree.nodes[at].bunch], place);
  }
}

QUERN_TARGET void visit(const Walk& walk, std::size_t at, const Place& place) {
  if (walk.tree.nodes[at].above == -1)
    visit_kind<false>(walk, at, place);
  else
    visit_kind<true>(walk, at, place);
}

QUERN_TARGET void explain(const ShapTree& tree, const ShapTables& tables, const Mask* masks,
                          int word, const ShapScratch& scratch, float* sums) {
  for (std::ptrdiff_t row = 0; row < kShapRows; row += kStepRows) {
    float* reach = scratch.levels;
    for (const float weight : tree.weights) {
      for (int v = 0; v < kVectors; ++v) store(reach + v * kLanes, broadcast(weight));
      reach += kStepRows;
    }
    const int points = static_cast<int>(tree.weights.size());
    const Walk walk{tree,         tables,     masks, word, static_cast<int>(row),
                    scratch.goes, sums + row, points};
    float* value = scratch.levels + points * kStepRows;
    visit(walk, 0, {scratch.levels, value, value + points * kStepRows});
  }
}
