// Parallel lists, one entry a node and one a leaf's weight. Rules: the operators' documents, and
// ONNX Runtime where they leave a choice: the root is the node that is nobody's child, and NaN goes
// where the comparison with it, which is false, leads.

#include "codegen/import/tree_ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "codegen/import/node_attributes.h"

namespace quern::codegen {
namespace {

using Longs = std::vector<std::int64_t>;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;
using Texts = std::vector<std::string>;

enum class Mode : std::uint8_t { leaf, lt, lte, gt, gte, eq, neq };

/// A node as it is written.
struct Written {
  Mode mode = Mode::leaf;
  std::int64_t id = 0;
  std::int64_t feature = 0;
  std::int64_t yes = 0;  ///< the id of the child where the comparison holds
  std::int64_t no = 0;
  double value = 0;
  bool missing_yes = false;
  std::vector<std::pair<std::int32_t, float>> weights = {};  ///< of a leaf: output, weight; sorted
  std::vector<double> others = {};  ///< of an equality: values that lead where `value` does
  bool merged = false;              ///< into its parent
};

/// Written nodes of one tree.
using WrittenTree = std::vector<Written>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kCategories = 16777216;  // float32 counts no further one by one

/// The largest float32 that is not above a number: what float32 is below or at is the same.
float at_most(double value) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  if (value > kLargest) return std::isinf(value) ? kInfinity : kLargest;
  if (value < -kLargest) return -kInfinity;
  const auto near = static_cast<float>(value);
  return static_cast<double>(near) > value ? std::nextafter(near, -kInfinity) : near;
}
float at_least(double value) { return -at_most(-value); }

/// Puts the nodes of one tree in order, and makes a tree of them for each output it adds to.
class TreeMaker {
 public:
  TreeMaker(const GraphNode& node, WrittenTree written, std::int64_t features, FlowBudget& budget)
      : node_(node), written_(std::move(written)), features_(features), budget_(budget) {}

  Result<void> sort() {
    for (std::size_t i = 0; i < written_.size(); ++i)
      if (!place_.emplace(written_[i].id, i).second) return bad_node(node_, "has a node twice");
    std::size_t nodes = written_.size();
    for (auto& w : written_) nodes -= merge_equalities(w);
    std::vector<bool> is_child(written_.size());
    for (const auto& w : written_) {
      if (w.mode == Mode::leaf || w.merged) continue;
      for (const auto child : {w.yes, w.no}) {
        const auto found = place_.find(child);
        if (found == place_.end()) return bad_node(node_, "has a child that is not there");
        if (is_child[found->second] || written_[found->second].merged)
          return bad_node(node_, "has a node with two parents");
        is_child[found->second] = true;
      }
    }
    for (std::size_t i = 0; i < written_.size(); ++i)
      if (!is_child[i] && !written_[i].merged) order_.push_back(i);
    if (order_.size() != 1) return bad_node(node_, "has a tree without a root, or with two");
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const auto& w = written_[order_[i]];
      if (w.mode == Mode::leaf) continue;
      for (const auto child : {w.yes, w.no}) order_.push_back(place_.at(child));
    }
    // With one parent each and a single root, what is missing here goes round in a circle.
    if (order_.size() != nodes) return bad_node(node_, "has a circle among its nodes");
    return {};
  }

  Result<Tree> make(std::int32_t output) const {
    Tree tree{.nodes = {}, .categories = {}, .weight = 1, .output = output};
    std::int32_t next = 1;
    for (const auto place : order_) {
      const auto& w = written_[place];
      Node made;
      if (w.mode == Mode::leaf) {
        made.value = weight_of(w, output);
        if (!std::isfinite(made.value)) return bad_node(node_, "has a leaf that is not finite");
      } else {
        QUERN_CHECK(split(w, next, made, tree));
        next += 2;
      }
      tree.nodes.push_back(made);
    }
    return tree;
  }

 private:
  /// Several values that lead to one node stand as a chain of equalities: one set of categories.
  /// Gives the number of nodes that are gone.
  std::size_t merge_equalities(Written& w) {
    std::size_t gone = 0;
    while (w.mode == Mode::eq && !w.merged) {
      const auto found = place_.find(w.no);
      if (found == place_.end()) break;
      auto& next = written_[found->second];
      const bool same = next.mode == Mode::eq && next.feature == w.feature && next.yes == w.yes &&
                        next.missing_yes == w.missing_yes && !next.merged && &next != &w;
      if (!same) break;
      // The longer list takes the shorter, so that no order of nodes makes this slow.
      if (next.others.size() > w.others.size()) w.others.swap(next.others);
      w.others.insert(w.others.end(), next.others.begin(), next.others.end());
      w.others.push_back(next.value);
      w.no = next.no;
      next.merged = true;
      ++gone;
    }
    return gone;
  }

  static float weight_of(const Written& leaf, std::int32_t output) {
    const auto& weights = leaf.weights;
    float sum = 0;
    for (auto at = std::lower_bound(weights.begin(), weights.end(), std::pair(output, -kInfinity));
         at != weights.end() && at->first == output; ++at)
      sum += at->second;
    return sum;
  }

  /// \param first  the place of the child where the comparison holds; the other stands behind it.
  Result<void> split(const Written& w, std::int32_t first, Node& out, Tree& tree) const {
    if (w.feature < 0 || w.feature >= features_)
      return bad_node(node_, "splits by column " + std::to_string(w.feature) + " of " +
                                 std::to_string(features_));
    if (std::isnan(w.value)) return bad_node(node_, "has a threshold that is not a number");
    out.feature = static_cast<std::int32_t>(w.feature);
    const bool yes_left = w.mode == Mode::lt || w.mode == Mode::lte || w.mode == Mode::neq;
    out.left = yes_left ? first : first + 1;
    out.right = yes_left ? first + 1 : first;
    out.default_left = yes_left == missing_yes(w);
    if (w.mode == Mode::eq || w.mode == Mode::neq) return split_equal(w, out, tree);
    const bool beyond = w.mode == Mode::lte || w.mode == Mode::gt;
    if (beyond && std::isinf(w.value) && w.value > 0) {
      out.categorical = true;  // of no category: every number goes left
      return {};
    }
    out.value = beyond ? std::nextafter(at_most(w.value), kInfinity) : at_least(w.value);
    return {};
  }

  /// NaN is unequal to everything.
  static bool missing_yes(const Written& w) { return w.missing_yes || w.mode == Mode::neq; }

  Result<void> split_equal(const Written& w, Node& out, Tree& tree) const {
    auto values = w.others;
    values.push_back(w.value);
    for (const auto value : values)
      if (value != std::floor(value) || value < 0 || value >= kCategories)
        return unread_node(node_, "splits by equality to what is no category's code");
    const auto most = *std::max_element(values.begin(), values.end());
    out.categorical = true;
    out.categories_begin = static_cast<std::uint32_t>(tree.categories.size());
    out.categories_size = static_cast<std::uint32_t>(most) / 32 + 1;
    if (!budget_.take(out.categories_size))
      return unread_node(node_, "splits by categories beyond what is read");
    tree.categories.resize(tree.categories.size() + out.categories_size);
    for (const auto value : values) {
      const auto code = static_cast<std::uint32_t>(value);
      tree.categories[out.categories_begin + code / 32] |= 1U << (code % 32);
    }
    return {};
  }

  const GraphNode& node_;
  WrittenTree written_;
  std::int64_t features_;
  FlowBudget& budget_;
  std::unordered_map<std::int64_t, std::size_t> place_;
  std::vector<std::size_t> order_;
};

/// The lists of an operator.
struct Lists {
  Longs tree_ids, node_ids, features, yes, no, missing_yes;
  Doubles values;
  Texts modes;
  Longs leaf_trees, leaf_nodes, leaf_outputs;
  Doubles leaf_weights;
};

template <typename T>
Result<T> list(const GraphNode& node, const std::string& name) {
  return attribute_or<T>(node, name, T{});
}

/// Numbers of a list, or of a tensor as which doubles stand in a file.
Result<Doubles> numbers(const GraphNode& node, const std::string& name) {
  for (const auto& known : node.attributes) {
    if (known.name != name && known.name != name + "_as_tensor") continue;
    if (const auto* doubles = std::get_if<Doubles>(&known.value)) return *doubles;
    QUERN_TRY(const auto* floats, attribute<Floats>(node, known.name));
    return Doubles(floats->begin(), floats->end());
  }
  return Doubles();
}

Result<Lists> read_lists(const GraphNode& node, const std::string& leaf) {
  Lists out;
  QUERN_TRY(out.tree_ids, list<Longs>(node, "nodes_treeids"));
  QUERN_TRY(out.node_ids, list<Longs>(node, "nodes_nodeids"));
  QUERN_TRY(out.features, list<Longs>(node, "nodes_featureids"));
  QUERN_TRY(out.yes, list<Longs>(node, "nodes_truenodeids"));
  QUERN_TRY(out.no, list<Longs>(node, "nodes_falsenodeids"));
  QUERN_TRY(out.missing_yes, list<Longs>(node, "nodes_missing_value_tracks_true"));
  QUERN_TRY(out.modes, list<Texts>(node, "nodes_modes"));
  QUERN_TRY(out.leaf_trees, list<Longs>(node, leaf + "_treeids"));
  QUERN_TRY(out.leaf_nodes, list<Longs>(node, leaf + "_nodeids"));
  QUERN_TRY(out.leaf_outputs, list<Longs>(node, leaf + "_ids"));
  QUERN_TRY(out.values, numbers(node, "nodes_values"));
  QUERN_TRY(out.leaf_weights, numbers(node, leaf + "_weights"));
  const auto nodes = out.tree_ids.size();
  if (out.missing_yes.empty()) out.missing_yes.resize(nodes);
  for (const auto size : {out.node_ids.size(), out.features.size(), out.yes.size(), out.no.size(),
                          out.missing_yes.size(), out.values.size(), out.modes.size()}) {
    if (size != nodes) return bad_node(node, "has lists of nodes that differ in length");
  }
  for (const auto size :
       {out.leaf_nodes.size(), out.leaf_outputs.size(), out.leaf_weights.size()}) {
    if (size != out.leaf_trees.size())
      return bad_node(node, "has lists of leaves that differ in length");
  }
  return out;
}

std::optional<Mode> mode_of(const std::string& name) {
  static const std::map<std::string, Mode> modes = {
      {"LEAF", Mode::leaf},     {"BRANCH_LT", Mode::lt},   {"BRANCH_LEQ", Mode::lte},
      {"BRANCH_GT", Mode::gt},  {"BRANCH_GTE", Mode::gte}, {"BRANCH_EQ", Mode::eq},
      {"BRANCH_NEQ", Mode::neq}};
  const auto found = modes.find(name);
  return found == modes.end() ? std::nullopt : std::optional(found->second);
}

/// Trees by their ids, in the order of those.
Result<std::map<std::int64_t, WrittenTree>> written_trees(const GraphNode& node, const Lists& l,
                                                          std::int64_t outputs) {
  std::map<std::int64_t, WrittenTree> out;
  std::map<std::pair<std::int64_t, std::int64_t>, std::pair<std::int64_t, std::size_t>> leaves;
  for (std::size_t i = 0; i < l.tree_ids.size(); ++i) {
    const auto mode = mode_of(l.modes[i]);
    if (!mode) return bad_node(node, "has a mode that is none: " + shortened(l.modes[i]));
    auto& tree = out[l.tree_ids[i]];
    if (*mode == Mode::leaf) leaves[{l.tree_ids[i], l.node_ids[i]}] = {l.tree_ids[i], tree.size()};
    tree.push_back({*mode, l.node_ids[i], l.features[i], l.yes[i], l.no[i], l.values[i],
                    l.missing_yes[i] != 0});
  }
  for (std::size_t i = 0; i < l.leaf_trees.size(); ++i) {
    const auto leaf = leaves.find({l.leaf_trees[i], l.leaf_nodes[i]});
    if (leaf == leaves.end()) return bad_node(node, "gives a weight to what is no leaf");
    if (std::isnan(l.leaf_weights[i])) return bad_node(node, "has a leaf that is not finite");
    if (l.leaf_outputs[i] < 0 || l.leaf_outputs[i] >= outputs)
      return bad_node(node, "gives a weight to an output that is not there");
    out[leaf->second.first][leaf->second.second].weights.emplace_back(
        static_cast<std::int32_t>(l.leaf_outputs[i]), static_cast<float>(l.leaf_weights[i]));
  }
  for (auto& [id, tree] : out)
    for (auto& written : tree) std::sort(written.weights.begin(), written.weights.end());
  return out;
}

/// The outputs that a tree adds to. Of two it is both, so that their trees stand side by side.
std::set<std::int32_t> outputs_of(const WrittenTree& tree, std::int64_t outputs) {
  std::set<std::int32_t> out;
  if (outputs == 2) out = {0, 1};
  for (const auto& node : tree)
    for (const auto& [output, weight] : node.weights) out.insert(output);
  return out;
}

Result<void> add_trees(const GraphNode& node, const std::map<std::int64_t, WrittenTree>& written,
                       std::int64_t features, FlowTrees& out, FlowBudget& budget) {
  for (const auto& [id, tree] : written) {
    TreeMaker maker(node, tree, features, budget);
    QUERN_CHECK(maker.sort());
    for (const auto output : outputs_of(tree, static_cast<std::int64_t>(out.base.size()))) {
      if (!budget.take(tree.size())) return unread_node(node, "has too many nodes and outputs");
      QUERN_TRY(auto made, maker.make(output));
      out.trees.push_back(std::move(made));
    }
  }
  return {};
}

Result<void> average(const GraphNode& node, std::size_t trees, FlowTrees& out) {
  QUERN_TRY(const auto how, attribute_or<std::string>(node, "aggregate_function", "SUM"));
  if (how == "SUM") return {};
  if (how != "AVERAGE") return unread_node(node, "adds up its trees by " + shortened(how));
  for (auto& tree : out.trees)
    for (auto& made : tree.nodes)
      if (made.left == -1) made.value /= static_cast<float>(trees);
  return {};
}

Result<void> read_base(const GraphNode& node, Ensemble& out) {
  QUERN_TRY(const auto base, numbers(node, "base_values"));
  const auto outputs = static_cast<std::size_t>(out.outputs);
  out.trees.base.assign(outputs, 0.0);
  if (base.empty()) return {};
  if (base.size() != outputs)
    return unread_node(node, "has " + std::to_string(base.size()) + " base_values for " +
                                 std::to_string(outputs) + " outputs");
  for (std::size_t o = 0; o < outputs; ++o) {
    if (!std::isfinite(base[o])) return bad_node(node, "has a base value that is not finite");
    out.trees.base[o] = base[o];
  }
  return {};
}

/// Two classes of which the leaves score one alone; its number in the file does not matter.
bool scores_one(Lists& lists, const std::vector<Scalar>& classes) {
  if (classes.size() != 2) return false;
  const std::set<std::int64_t> scored(lists.leaf_outputs.begin(), lists.leaf_outputs.end());
  if (scored.size() != 1 || (*scored.begin() != 0 && *scored.begin() != 1)) return false;
  std::fill(lists.leaf_outputs.begin(), lists.leaf_outputs.end(), 0);
  return true;
}

}  // namespace

Result<Ensemble> read_ensemble(const GraphNode& node, std::int64_t features, FlowBudget& budget) {
  const bool classifier = node.op == "TreeEnsembleClassifier";
  Ensemble out;
  QUERN_TRY(auto lists, read_lists(node, classifier ? "class" : "target"));
  QUERN_TRY(out.post_transform, attribute_or<std::string>(node, "post_transform", "NONE"));
  if (classifier) {
    QUERN_TRY(const auto labels, class_labels(node));
    for (const auto& label : labels)
      std::visit([&](const auto& v) { out.classes.emplace_back(v); }, label);
    out.outputs = static_cast<std::int64_t>(out.classes.size());
    if (out.outputs < 2) return unread_node(node, "has fewer than two classes");
    if (scores_one(lists, out.classes)) {
      out.outputs = 1;
      out.is_probability = std::none_of(lists.leaf_weights.begin(), lists.leaf_weights.end(),
                                        [](double w) { return w < 0; });
    }
  } else {
    QUERN_TRY(out.outputs, attribute_or<std::int64_t>(node, "n_targets", 1));
  }
  if (out.outputs < 1 || out.outputs > static_cast<std::int64_t>(FlowBudget::kMostColumns))
    return unread_node(node, "has " + std::to_string(out.outputs) + " outputs");
  QUERN_CHECK(read_base(node, out));
  QUERN_TRY(const auto written, written_trees(node, lists, out.outputs));
  QUERN_CHECK(add_trees(node, written, features, out.trees, budget));
  QUERN_CHECK(average(node, written.size(), out.trees));
  return out;
}

bool keep_second_probability(FlowTrees& trees) {
  constexpr double kClose = 1e-4;
  if (trees.base != std::vector<double>{0, 0} || trees.trees.size() % 2 != 0) return false;
  double total = 0;
  for (std::size_t t = 0; t < trees.trees.size(); t += 2) {
    const auto &first = trees.trees[t], &second = trees.trees[t + 1];
    if (first.output != 0 || second.output != 1 || first.nodes.size() != second.nodes.size())
      return false;
    std::optional<double> of_tree;
    for (std::size_t n = 0; n < first.nodes.size(); ++n) {
      if (first.nodes[n].left != second.nodes[n].left) return false;
      if (first.nodes[n].left != -1) continue;
      const double sum = static_cast<double>(first.nodes[n].value) + second.nodes[n].value;
      if (of_tree && std::abs(*of_tree - sum) > kClose) return false;
      of_tree = sum;
    }
    total += of_tree.value_or(0);
  }
  if (std::abs(total - 1) > kClose) return false;
  FlowTrees kept{.trees = {}, .base = {0}};
  for (std::size_t t = 1; t < trees.trees.size(); t += 2) {
    kept.trees.push_back(std::move(trees.trees[t]));
    kept.trees.back().output = 0;
  }
  trees = std::move(kept);
  return true;
}

}  // namespace quern::codegen
