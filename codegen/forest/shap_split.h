// What is done at one split of a tree, for the set of instructions of the file that includes this
// inside a namespace of its own. It needs QUERN_TARGET, the types Vector (kLanes floats) and Choice
// (a bit a lane), and of them load(), store(), broadcast(), choice_of(), choose(), add(),
// multiply() and multiply_add(). No include guard: each set compiles it anew.

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
