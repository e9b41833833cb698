// The members that XGBoost 1.7 saves, so that it can load what it knows the objective of. Written
// by hand: numbers as the shortest text that reads back to the same float32.

#include "codegen/import/xgboost_document.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace quern::codegen {
namespace {

class Writer {
 public:
  void raw(std::string_view text) { out_ += text; }
  void number(std::int64_t value) { append(value); }
  void number(float value) {
    if (std::isnan(value)) return raw("NaN");
    if (std::isinf(value)) return raw(value > 0 ? "Infinity" : "-Infinity");
    append(value);
    // An integer's text reads back as an integer, which XGBoost's reader takes for another type.
    if (out_.find_first_of(".e", start_) == std::string::npos) raw("E0");
  }
  /// A member whose value is an array; `value_of` gives the i-th.
  template <typename ValueOf>
  void array(std::string_view name, std::size_t size, const ValueOf& value_of) {
    raw("\"");
    raw(name);
    raw("\":[");
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) raw(",");
      number(value_of(i));
    }
    raw("],");
  }
  /// A member whose value is a number as text, as XGBoost keeps parameters.
  void text(std::string_view name, std::int64_t value) {
    raw("\"");
    raw(name);
    raw("\":\"");
    number(value);
    raw("\"");
  }
  std::vector<std::uint8_t> bytes() && { return {out_.begin(), out_.end()}; }

 private:
  template <typename T>
  void append(T value) {
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    start_ = out_.size();
    out_.append(std::begin(digits), end);
  }

  std::string out_;
  std::size_t start_ = 0;
};

std::vector<std::int64_t> parents_of(const Tree& tree) {
  constexpr std::int64_t kNone = 2147483647;
  std::vector<std::int64_t> out(tree.nodes.size(), kNone);
  for (std::size_t n = 0; n < tree.nodes.size(); ++n) {
    const auto& node = tree.nodes[n];
    if (node.left == -1) continue;
    for (const auto child : {node.left, node.right})
      out[static_cast<std::size_t>(child)] = static_cast<std::int64_t>(n);
  }
  return out;
}

/// Codes of a node's set that go right.
std::vector<std::int64_t> codes_of(const Tree& tree, const Node& node) {
  std::vector<std::int64_t> out;
  for (std::uint32_t word = 0; word < node.categories_size; ++word)
    for (std::uint32_t bit = 0; bit < 32; ++bit)
      if ((tree.categories[node.categories_begin + word] >> bit & 1U) != 0)
        out.push_back(std::int64_t{word} * 32 + bit);
  return out;
}

void write_categories(const Tree& tree, Writer& out) {
  std::vector<std::int64_t> codes, nodes, begins, sizes;
  for (std::size_t n = 0; n < tree.nodes.size(); ++n) {
    if (!tree.nodes[n].categorical) continue;
    const auto of_node = codes_of(tree, tree.nodes[n]);
    nodes.push_back(static_cast<std::int64_t>(n));
    begins.push_back(static_cast<std::int64_t>(codes.size()));
    sizes.push_back(static_cast<std::int64_t>(of_node.size()));
    codes.insert(codes.end(), of_node.begin(), of_node.end());
  }
  const auto list = [&](std::string_view name, const std::vector<std::int64_t>& values) {
    out.array(name, values.size(), [&](std::size_t i) { return values[i]; });
  };
  list("categories", codes);
  list("categories_nodes", nodes);
  list("categories_segments", begins);
  list("categories_sizes", sizes);
}

void write_tree(const Tree& tree, std::int64_t id, std::int64_t features, Writer& out) {
  const auto& nodes = tree.nodes;
  const auto each = [&](std::string_view name, const auto& value_of) {
    out.array(name, nodes.size(), [&](std::size_t i) { return value_of(nodes[i]); });
  };
  const auto whole = [](auto value) { return static_cast<std::int64_t>(value); };
  out.raw("{");
  each("base_weights", [](const Node&) { return 0.0F; });
  write_categories(tree, out);
  each("default_left", [&](const Node& n) { return whole(n.default_left); });
  out.raw("\"id\":");
  out.number(id);
  out.raw(",");
  each("left_children", [&](const Node& n) { return whole(n.left); });
  each("loss_changes", [](const Node&) { return std::nanf(""); });
  const auto parents = parents_of(tree);
  out.array("parents", parents.size(), [&](std::size_t i) { return parents[i]; });
  each("right_children", [&](const Node& n) { return whole(n.right); });
  each("split_conditions", [](const Node& n) { return n.value; });
  each("split_indices", [&](const Node& n) { return whole(n.feature); });
  each("split_type", [&](const Node& n) { return whole(n.categorical); });
  each("sum_hessian", [](const Node&) { return std::nanf(""); });
  out.raw("\"tree_param\":{\"num_deleted\":\"0\",");
  out.text("num_feature", features);
  out.raw(",");
  out.text("num_nodes", whole(nodes.size()));
  out.raw(",\"size_leaf_vector\":\"0\"}}");
}

void write_forest(const std::vector<Tree>& trees, std::int64_t features, Writer& out) {
  out.raw("{\"model\":{\"gbtree_model_param\":{\"num_parallel_tree\":\"1\",");
  out.text("num_trees", static_cast<std::int64_t>(trees.size()));
  out.raw(",\"size_leaf_vector\":\"0\"},");
  out.array("tree_info", trees.size(),
            [&](std::size_t i) { return static_cast<std::int64_t>(trees[i].output); });
  out.raw("\"trees\":[");
  for (std::size_t t = 0; t < trees.size(); ++t) {
    if (t > 0) out.raw(",");
    write_tree(trees[t], static_cast<std::int64_t>(t), features, out);
  }
  out.raw("]},\"name\":\"gbtree\"}");
}

/// Parameters of the objective, without which XGBoost does not load it.
void write_objective(const DocumentHead& head, Writer& out) {
  out.raw("\"objective\":{\"name\":\"" + head.objective + "\"");
  if (head.objective.starts_with("multi:")) {
    out.raw(",\"softmax_multiclass_param\":{");
    out.text("num_class", head.classes);
    out.raw("}");
  } else if (head.objective == "count:poisson") {
    out.raw(R"(,"poisson_regression_param":{"max_delta_step":"0.7"})");
  } else if (head.objective == "reg:squarederror" || head.objective == "binary:logistic") {
    out.raw(R"(,"reg_loss_param":{"scale_pos_weight":"1"})");
  }
  out.raw("}");
}

/// A base score whose margin is 0.
std::string_view base_score(const DocumentHead& head) {
  if (head.objective == "binary:logistic") return "5E-1";
  return head.objective == "count:poisson" ? "1E0" : "0E0";
}

template <typename WriteBooster>
std::vector<std::uint8_t> document(const DocumentHead& head, const WriteBooster& write_booster) {
  Writer out;
  out.raw(R"({"learner":{"attributes":{},"feature_names":[],"feature_types":[],)");
  out.raw("\"gradient_booster\":");
  write_booster(out);
  out.raw(",\"learner_model_param\":{\"base_score\":\"");
  out.raw(base_score(head));
  out.raw("\",\"boost_from_average\":\"1\",");
  out.text("num_class", head.classes);
  out.raw(",");
  out.text("num_feature", head.features);
  out.raw(",\"num_target\":\"1\"},");
  write_objective(head, out);
  out.raw("},\"version\":[1,7,4]}");
  return std::move(out).bytes();
}

}  // namespace

std::vector<std::uint8_t> forest_document(const DocumentHead& head, const std::vector<Tree>& trees,
                                          const std::vector<float>& base) {
  std::vector<Tree> all;
  for (std::size_t o = 0; o < base.size(); ++o) {
    if (base[o] == 0) continue;
    Node leaf;
    leaf.value = base[o];
    all.push_back({.nodes = {leaf}, .categories = {}, .output = static_cast<std::int32_t>(o)});
  }
  all.insert(all.end(), trees.begin(), trees.end());
  return document(head, [&](Writer& out) { write_forest(all, head.features, out); });
}

std::vector<std::uint8_t> linear_document(const DocumentHead& head,
                                          const std::vector<float>& weights) {
  return document(head, [&](Writer& out) {
    out.raw("{\"model\":{");
    out.array("weights", weights.size(), [&](std::size_t i) { return weights[i]; });
    out.raw("\"boosted_rounds\":0},\"name\":\"gblinear\"}");
  });
}

}  // namespace quern::codegen
