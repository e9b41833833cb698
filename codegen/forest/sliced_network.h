// The network of one tree, for the set of instructions of the file that includes this inside a
// namespace of its own. It needs QUERN_TARGET, the type Bits and load_bits(), pick_bits(),
// store_bits() of it, and add_leaves(). No include guard: each set compiles it anew.

/// The answer of the node that each row has come to, `kLevels` below the one that `order` begins
/// with; `slices` are the answers above it.
template <int kLevels, int kSlice>
QUERN_TARGET inline Bits answer(const std::uint32_t* order, const Mask* masks, std::size_t part,
                                const Bits* slices) {
  if constexpr (kLevels == 0) {
    return load_bits(masks[order[0]], part);
  } else {
    const Bits left = answer<kLevels - 1, kSlice + 1>(order, masks, part, slices);
    const Bits right =
        answer<kLevels - 1, kSlice + 1>(order + (1 << (kLevels - 1)), masks, part, slices);
    return pick_bits(slices[kSlice], left, right);
  }
}

template <int kDepth, int kLevel>
QUERN_TARGET inline void slice(const std::uint32_t* order, const Mask* masks, std::size_t part,
                               Bits* slices) {
  if constexpr (kLevel < kDepth) {
    slices[kLevel] = answer<kLevel, 0>(order + (1 << kLevel) - 1, masks, part, slices);
    slice<kDepth, kLevel + 1>(order, masks, part, slices);
  }
}

template <int kDepth>
QUERN_TARGET void add_tree_of(const std::uint32_t* order, const Mask* masks, const float* leaves,
                              float* sums) {
  Mask numbers[kDepth];
  for (std::size_t part = 0; part < kBlockRows / kBits; ++part) {
    Bits slices[kDepth];
    slice<kDepth, 0>(order, masks, part, slices);
    for (int level = 0; level < kDepth; ++level) store_bits(slices[level], numbers[level], part);
  }
  add_leaves<kDepth>(numbers, leaves, sums);
}

QUERN_TARGET void add_tree(int depth, const std::uint32_t* order, const Mask* masks,
                           const float* leaves, float* sums) {
  switch (depth) {
    case 1: return add_tree_of<1>(order, masks, leaves, sums);
    case 2: return add_tree_of<2>(order, masks, leaves, sums);
    case 3: return add_tree_of<3>(order, masks, leaves, sums);
    case 4: return add_tree_of<4>(order, masks, leaves, sums);
    case 5: return add_tree_of<5>(order, masks, leaves, sums);
    case 6: return add_tree_of<6>(order, masks, leaves, sums);
    case 7: return add_tree_of<7>(order, masks, leaves, sums);
    case 8: return add_tree_of<8>(order, masks, leaves, sums);
    case 9: return add_tree_of<9>(order, masks, leaves, sums);
    case 10: return add_tree_of<10>(order, masks, leaves, sums);
    default:
      for (int row = 0; row < kBlockRows; ++row) sums[row] += leaves[0];
  }
}

/// Adds leaves by numbers of `bits` bits, one at least.
template <int kMost = kMostLeafBits>
QUERN_TARGET void add_numbered(int bits, const Mask* numbers, const float* leaves, float* sums) {
  if constexpr (kMost > 0) {
    if (bits == kMost) return add_leaves<kMost>(numbers, leaves, sums);
    add_numbered<kMost - 1>(bits, numbers, leaves, sums);
  }
}

QUERN_TARGET void add_picked(const PickedTree& tree, Mask* masks, float* sums) {
  for (const auto& pick : tree.picks) {
    for (std::size_t part = 0; part < kBlockRows / kBits; ++part) {
      const Bits picked =
          pick_bits(load_bits(masks[pick.by], part), load_bits(masks[pick.left], part),
                    load_bits(masks[pick.right], part));
      store_bits(picked, masks[pick.to], part);
    }
  }
  Mask numbers[kMostLeafBits];
  const auto bits = tree.planes.size();
  for (std::size_t bit = 0; bit < bits; ++bit) numbers[bit] = masks[tree.planes[bit]];
  add_numbered(static_cast<int>(bits), numbers, tree.leaves.data(), sums);
}
