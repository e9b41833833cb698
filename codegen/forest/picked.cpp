// Picks are made from the last split to the root, the left side of each before the right one, so
// that a mask that was read for the last time soon is written again.

#include "codegen/forest/picked.h"

#include <algorithm>
#include <array>
#include <bit>

namespace quern::codegen {
namespace {

class Picker {
 public:
  Picker(const Tree& tree, const Predicates& predicates)
      : tree_(tree),
        predicates_(predicates),
        zeros_(static_cast<std::uint32_t>(predicates.size())),
        ones_(zeros_ + 1) {}

  PickedTree make() {
    const auto leaves = tree_.nodes.size() / 2 + 1;
    bits_ = std::bit_width(leaves - 1);
    out_.leaves.reserve(std::max<std::size_t>(leaves, kLeafTable));
    const auto planes = number(0);
    out_.planes.assign(planes.rend() - bits_, planes.rend());
    out_.leaves.resize(std::max(std::size_t{1} << bits_, std::size_t{kLeafTable}));
    out_.masks = 2 + used_;
    return std::move(out_);
  }

 private:
  /// The mask of each bit of the leaf's number, the lowest first.
  using Planes = std::array<std::uint32_t, kMostLeafBits>;

  Planes number(std::size_t at) {
    const auto& node = tree_.nodes[at];
    if (node.left == -1) return number_leaf(node);
    const auto left = number(static_cast<std::size_t>(node.left));
    const auto right = number(static_cast<std::size_t>(node.right));
    const auto by = predicates_.number_of(tree_, node);
    Planes planes{};
    for (std::size_t bit = 0; bit < static_cast<std::size_t>(bits_); ++bit)
      planes[bit] = pick(by, left[bit], right[bit]);
    return planes;
  }

  Planes number_leaf(const Node& leaf) {
    const auto number = out_.leaves.size();
    out_.leaves.push_back(leaf.value * tree_.weight);
    Planes planes{};
    for (std::size_t bit = 0; bit < planes.size(); ++bit)
      planes[bit] = (number >> bit & 1) != 0 ? ones_ : zeros_;
    return planes;
  }

  std::uint32_t pick(std::uint32_t by, std::uint32_t left, std::uint32_t right) {
    if (left == right) return left;
    if (left == zeros_ && right == ones_) return by;
    release(left);
    release(right);
    const auto to = take();
    out_.picks.push_back({by, left, right, to});
    return to;
  }

  std::uint32_t take() {
    if (free_.empty()) return ones_ + ++used_;
    const auto mask = free_.back();
    free_.pop_back();
    return mask;
  }

  void release(std::uint32_t mask) {
    if (mask > ones_) free_.push_back(mask);
  }

  const Tree& tree_;
  const Predicates& predicates_;
  std::uint32_t zeros_;
  std::uint32_t ones_;
  std::uint32_t used_ = 0;           ///< masks behind the constant ones
  std::vector<std::uint32_t> free_;  ///< of those
  int bits_ = 0;
  PickedTree out_;
};

}  // namespace

PickedTree make_picked(const Tree& tree, const Predicates& predicates) {
  return Picker(tree, predicates).make();
}

}  // namespace quern::codegen
