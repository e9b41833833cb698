// One tree of XGBoost's model document: parallel arrays become nodes, lists of categories bit sets.
// Nodes are taken breadth first from the root, so that children stand after their parent, nothing
// is reached twice, and what pruning left behind is dropped.

#include "codegen/forest/tree_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "codegen/forest/fields.h"

namespace quern::codegen {
namespace {

using Numbers = DocumentValue::Numbers;

constexpr std::size_t kCategories = 1 << 24;  ///< float32 counts no further one by one

/// A tree's nodes as stored: parallel arrays with an element a node.
struct TreeArrays {
  const Numbers* left = nullptr;
  const Numbers* right = nullptr;
  const Numbers* feature = nullptr;
  const Numbers* value = nullptr;
  const Numbers* default_left = nullptr;
  const Numbers* split_type = nullptr;  ///< null in models from before categories
  const Numbers* cover = nullptr;       ///< null, as the next, where the model keeps no statistics
  const Numbers* gain = nullptr;
  std::size_t size() const { return left->size(); }
};

/// A range of the codes in `categories`: those that go right at one node.
struct CodeRange {
  std::size_t begin = 0;
  std::size_t size = 0;
  bool known = false;
};

Result<void> check_lengths(const TreeArrays& arrays) {
  for (const auto* array : {arrays.right, arrays.feature, arrays.value, arrays.default_left}) {
    if (array->size() != arrays.size()) return corrupt_model("the node arrays differ in length");
  }
  if (arrays.split_type != nullptr && arrays.split_type->size() != arrays.size()) {
    return corrupt_model("split_type has another length than the node arrays");
  }
  for (const auto* array : {arrays.cover, arrays.gain}) {
    if (array != nullptr && array->size() != arrays.size()) {
      return corrupt_model("the statistics have another length than the node arrays");
    }
  }
  if (arrays.size() == 0) return corrupt_model("there are no nodes");
  if (arrays.size() > std::numeric_limits<std::int32_t>::max()) {
    return corrupt_model("there are too many nodes");
  }
  return {};
}

Result<TreeArrays> read_arrays(const DocumentValue& tree) {
  TreeArrays arrays;
  QUERN_TRY(arrays.left, numbers(tree, "left_children"));
  QUERN_TRY(arrays.right, numbers(tree, "right_children"));
  QUERN_TRY(arrays.feature, numbers(tree, "split_indices"));
  QUERN_TRY(arrays.value, numbers(tree, "split_conditions"));
  QUERN_TRY(arrays.default_left, numbers(tree, "default_left"));
  if (tree.find("split_type") != nullptr) {
    QUERN_TRY(arrays.split_type, numbers(tree, "split_type"));
  }
  if (tree.find("sum_hessian") != nullptr) {
    QUERN_TRY(arrays.cover, numbers(tree, "sum_hessian"));
  }
  if (tree.find("loss_changes") != nullptr) {
    QUERN_TRY(arrays.gain, numbers(tree, "loss_changes"));
  }
  QUERN_CHECK(check_lengths(arrays));
  return arrays;
}

/// The code ranges by node; empty where the tree has no categorical split.
Result<std::vector<CodeRange>> read_ranges(const DocumentValue& tree, std::size_t nodes) {
  std::vector<CodeRange> ranges;
  if (tree.find("categories_nodes") == nullptr) return ranges;
  QUERN_TRY(const auto* of, numbers(tree, "categories_nodes"));
  QUERN_TRY(const auto* begins, numbers(tree, "categories_segments"));
  QUERN_TRY(const auto* sizes, numbers(tree, "categories_sizes"));
  QUERN_TRY(const auto* codes, numbers(tree, "categories"));
  if (begins->size() != of->size() || sizes->size() != of->size()) {
    return corrupt_model("the category arrays differ in length");
  }
  if (!of->empty()) ranges.resize(nodes);
  std::size_t unused = codes->size();
  for (std::size_t i = 0; i < of->size(); ++i) {
    const auto node = index_below((*of)[i], nodes);
    const auto begin = index_below((*begins)[i], codes->size() + 1);
    if (!node || !begin) return corrupt_model("category list " + std::to_string(i) + " is nowhere");
    const auto size = index_below((*sizes)[i], codes->size() - *begin + 1);
    if (!size) return corrupt_model("category list " + std::to_string(i) + " has no end");
    if (*size > unused) return corrupt_model("the category lists overlap");
    unused -= *size;
    ranges[*node] = {*begin, *size, true};
  }
  return ranges;
}

/// Puts the nodes together; `order_[i]` is the stored number of node i.
class TreeBuilder {
 public:
  TreeBuilder(const TreeArrays& arrays, std::int32_t features, std::size_t& category_words,
              bool& statistics)
      : arrays_(arrays),
        features_(static_cast<std::size_t>(features)),
        category_words_(category_words),
        statistics_(statistics),
        reached_(arrays.size()) {}

  Result<Tree> build(const std::vector<CodeRange>& ranges, const Numbers* codes) {
    order_.push_back(0);
    reached_[0] = true;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const auto stored = order_[i];
      QUERN_TRY(auto node, is_leaf(stored) ? read_leaf(stored) : read_split(stored));
      if (node.categorical) QUERN_CHECK(add_set(node, stored, ranges, codes));
      node.cover = statistic(arrays_.cover, stored, 0);
      if (node.left != -1)
        node.gain = statistic(arrays_.gain, stored, -std::numeric_limits<float>::max());
      tree_.nodes.push_back(node);
    }
    return std::move(tree_);
  }

 private:
  bool is_leaf(std::size_t stored) const {
    return (*arrays_.left)[stored] == -1 && (*arrays_.right)[stored] == -1;
  }

  static Diagnostic bad_node(std::size_t stored, const std::string& what) {
    return corrupt_model("node " + std::to_string(stored) + " " + what);
  }

  Result<Node> read_leaf(std::size_t stored) const {
    Node node;
    node.value = static_cast<float>((*arrays_.value)[stored]);
    if (!std::isfinite(node.value)) return bad_node(stored, "is a leaf without a finite weight");
    return node;
  }

  Result<Node> read_split(std::size_t stored) {
    Node node;
    QUERN_TRY(node.left, reach((*arrays_.left)[stored], stored));
    QUERN_TRY(node.right, reach((*arrays_.right)[stored], stored));
    const auto feature = index_below((*arrays_.feature)[stored], features_);
    const auto default_left = index_below((*arrays_.default_left)[stored], 2);
    if (!feature) return bad_node(stored, "splits a feature that the model does not have");
    if (!default_left) return bad_node(stored, "has no default direction");
    node.feature = static_cast<std::int32_t>(*feature);
    node.default_left = *default_left == 1;
    node.categorical = arrays_.split_type != nullptr && (*arrays_.split_type)[stored] == 1;
    if (!node.categorical) node.value = static_cast<float>((*arrays_.value)[stored]);
    if (std::isnan(node.value)) return bad_node(stored, "has no threshold");
    return node;
  }

  /// A number that scoring does not need: one that is missing or no use is noted, not refused.
  float statistic(const Numbers* array, std::size_t stored, float low) {
    const auto value = array != nullptr ? static_cast<float>((*array)[stored])
                                        : std::numeric_limits<float>::quiet_NaN();
    if (std::isfinite(value) && value >= low) return value;
    statistics_ = false;
    return 0;
  }

  /// Queues a child and returns its new number.
  Result<std::int32_t> reach(double child, std::size_t parent) {
    const auto stored = index_below(child, arrays_.size());
    if (!stored) return bad_node(parent, "has a child that does not exist");
    if (reached_[*stored]) return bad_node(*stored, "has two parents");
    reached_[*stored] = true;
    order_.push_back(*stored);
    return static_cast<std::int32_t>(order_.size() - 1);
  }

  Result<void> add_set(Node& node, std::size_t stored, const std::vector<CodeRange>& ranges,
                       const Numbers* codes) {
    if (ranges.empty() || !ranges[stored].known) return bad_node(stored, "has no category list");
    const auto range = ranges[stored];
    std::size_t end = 0;
    for (std::size_t i = range.begin; i < range.begin + range.size; ++i) {
      const auto code = index_below((*codes)[i], kCategories);
      if (!code) return bad_node(stored, "lists a category that is not from 0 to 2^24 - 1");
      end = std::max(end, *code + 1);
    }
    const auto words = (end + 31) / 32;
    if (words > category_words_) return corrupt_model("its category sets need more than 256 MB");
    category_words_ -= words;
    node.categories_begin = static_cast<std::uint32_t>(tree_.categories.size());
    node.categories_size = static_cast<std::uint32_t>(words);
    tree_.categories.resize(tree_.categories.size() + words);
    for (std::size_t i = range.begin; i < range.begin + range.size; ++i) {
      const auto code = static_cast<std::size_t>((*codes)[i]);
      tree_.categories[node.categories_begin + code / 32] |= 1U << (code % 32);
    }
    return {};
  }

  const TreeArrays& arrays_;
  std::size_t features_;
  std::size_t& category_words_;
  bool& statistics_;
  std::vector<bool> reached_;
  std::vector<std::size_t> order_;
  Tree tree_;
};

}  // namespace

Result<Tree> read_tree(const DocumentValue& tree, std::int32_t features,
                       std::size_t& category_words, bool& statistics) {
  if (const auto* parameters = tree.find("tree_param")) {
    QUERN_TRY(const auto width, size_of(*parameters, "size_leaf_vector", 1 << 16));
    if (width > 1) {
      return Diagnostic{Code::not_in_this_version, "trees with several outputs are not read"};
    }
  }
  QUERN_TRY(const auto arrays, read_arrays(tree));
  QUERN_TRY(const auto ranges, read_ranges(tree, arrays.size()));
  const Numbers* codes = nullptr;
  if (!ranges.empty()) {
    QUERN_TRY(codes, numbers(tree, "categories"));
  }
  return TreeBuilder(arrays, features, category_words, statistics).build(ranges, codes);
}

}  // namespace quern::codegen
