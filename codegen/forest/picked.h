#pragma once
// Trees of any shape as a list of picks: which bit of the leaf's number a row has is picked split
// by split, from the leaves up. Private to codegen/forest.

#include <cstdint>
#include <vector>

#include "codegen/forest/predicates.h"
#include "codegen/forest/sliced.h"

namespace quern::codegen {

/// Makes the picks of a tree. Leaves have numbers in their order, so that those below a split are
/// neighbours: of their bits most are the same, and nothing is to be picked.
///
/// \param tree  has at most 2^kMostLeafBits leaves. \param predicates  that all predicates of the
/// tree are numbered by; behind their masks there is room for what picks need. Cost: O(nodes * log
/// nodes) time, one to three picks a split.
PickedTree make_picked(const Tree& tree, const Predicates& predicates);

}  // namespace quern::codegen
