// The walk through one tree, for the set of instructions of the file that includes this inside a
// namespace of its own. It needs QUERN_TARGET, the types Vector (kLanes floats), Choice (a bit a
// lane) and Index (a number a lane), and of them load(), store(), broadcast(), choice_of(),
// choose(), add(), multiply(), multiply_add(), and add_bit() and look_up() where kBunchBits is not
// 0. No include guard: each set compiles it anew.

/// Rows of a step: a few vectors, which share what is read of the tables.
constexpr int kVectors = 4;
constexpr std::ptrdiff_t kStepRows = kVectors * kLanes;

struct Walk {
  const ShapTree& tree;
  const ShapTables& tables;
  const Mask* masks;
  int word;
  int shift;  ///< of the step's first row in the word
  std::uint64_t* goes;
  float* sums;  ///< of the step's first row
  int points;   ///< of the quadrature

  QUERN_TARGET std::uint64_t answer(std::uint32_t predicate) const {
    return masks[predicate].words[word] >> shift;
  }
  QUERN_TARGET float* sum_of(std::uint32_t column) const {
    return sums + static_cast<std::ptrdiff_t>(column) * kShapRows;
  }
};

/// Where a node stands in the walk; vectors are [points][kVectors].
struct Place {
  const float* reach;
  float* value;  ///< filled
  float* free;   ///< for what is below
};

/// What the step's rows do at a split.
struct Answers {
  Choice right[kVectors];
  Choice on[kVectors];  ///< not off
};

/// A number of each answer, in every lane. \param kRepeats  the feature split above, so that rows
/// may be off.
template <bool kRepeats>
struct Numbers {
  Vector left, right, off;

  QUERN_TARGET explicit Numbers(const ByAnswer& of)
      : left(broadcast(of.left)), right(broadcast(of.right)), off(broadcast(of.off)) {}
  QUERN_TARGET Vector of(const Answers& answers, int v) const {
    const Vector number = choose(answers.right[v], right, left);
    return kRepeats ? choose(answers.on[v], number, off) : number;
  }
};

QUERN_TARGET inline Answers read_answers(const Walk& walk, std::size_t at, const ShapNode& node) {
  const auto right = walk.answer(node.predicate);
  const auto on = node.above == -1 ? ~std::uint64_t{0} : walk.goes[node.above];
  walk.goes[2 * at] = on & ~right;
  walk.goes[2 * at + 1] = on & right;
  Answers answers;
  for (int v = 0; v < kVectors; ++v) {
    answers.right[v] = choice_of(right, v);
    answers.on[v] = choice_of(on, v);
  }
  return answers;
}

template <bool kRepeats>
QUERN_TARGET inline void go_down(int points, const ShapTerm* terms, const Answers& answers,
                                 const float* reach, float* below) {
  for (int p = 0; p < points; ++p) {
    const Numbers<kRepeats> factor(terms[p].factor);
    for (int v = 0; v < kVectors; ++v) {
      const auto row = p * kStepRows + v * kLanes;
      store(below + row, multiply(load(reach + row), factor.of(answers, v)));
    }
  }
}

/// Sums up what comes from both sides, be they children or leaves. The value of the left child, or
/// of the only one, stands where the split's will. \param right  the value of the right one.
template <bool kRepeats, ShapKind kKind>
QUERN_TARGET inline void come_up(int points, const ShapTerm* terms, const Answers& answers,
                                 const Place& place, const float* right, float* sum) {
  Vector parts[kVectors];
  for (int v = 0; v < kVectors; ++v) parts[v] = load(sum + v * kLanes);
  for (int p = 0; p < points; ++p) {
    const Numbers<kRepeats> first(terms[p].part);
    const Numbers<kRepeats> leaves(terms[p].factor);
    const Numbers<kRepeats> second(terms[kKind == ShapKind::two_leaves ? p : points + p].part);
    for (int v = 0; v < kVectors; ++v) {
      const auto row = p * kStepRows + v * kLanes;
      Vector value;
      if constexpr (kKind == ShapKind::no_leaf) {
        const Vector from_left = load(place.value + row);
        const Vector from_right = load(right + row);
        value = add(from_left, from_right);
        parts[v] = multiply_add(from_left, first.of(answers, v), parts[v]);
        parts[v] = multiply_add(from_right, second.of(answers, v), parts[v]);
      } else {
        const Vector reach = load(place.reach + row);
        value = multiply(reach, leaves.of(answers, v));
        parts[v] = multiply_add(reach, first.of(answers, v), parts[v]);
      }
      if constexpr (kKind == ShapKind::one_leaf) {
        const Vector came = load(place.value + row);
        value = add(value, came);
        parts[v] = multiply_add(came, second.of(answers, v), parts[v]);
      }
      store(place.value + row, value);
    }
  }
  for (int v = 0; v < kVectors; ++v) store(sum + v * kLanes, parts[v]);
}

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
