// Nodes stand in an order in which they can be computed, which is checked. What cannot be read
// matters only where an output needs it.

#include "codegen/import/graph_walk.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "codegen/import/node_attributes.h"
#include "codegen/import/operators.h"

namespace quern::codegen {
namespace {

using Form = Flow::Form;

Diagnostic damaged(const std::string& what) {
  return {Code::corrupt_model, "the ONNX file is damaged: " + what};
}

Diagnostic not_read(const std::string& what, const std::string& hint = "") {
  return {Code::not_in_this_version, "the ONNX graph is not read: " + what, SourceSpan::none(),
          hint};
}

template <typename T>
std::size_t size_of(const T& value) {
  if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    std::size_t out = value.size();
    for (const auto& text : value) out += text.size();
    return out;
  } else if constexpr (requires { value.size(); }) {
    return value.size();
  } else {
    return 1;
  }
}

/// Numbers, and bytes of texts, that a graph holds.
std::size_t size_of_graph(const Graph& graph) {
  std::size_t out = 0;
  const auto count = [&](const auto& value) { out += size_of(value); };
  for (const auto& constant : graph.constants) std::visit(count, constant.values);
  for (const auto& node : graph.nodes)
    for (const auto& attribute : node.attributes) std::visit(count, attribute.value);
  return out;
}

class Walk {
 public:
  Walk(const Graph& graph, const std::vector<std::string>& names)
      : graph_(graph), names_(names), context_{FlowBudget(size_of_graph(graph)), {}} {}

  Result<GraphOutcome> run() {
    QUERN_CHECK(add_constants());
    QUERN_CHECK(add_inputs());
    for (const auto& node : graph_.nodes) QUERN_CHECK(take(node));
    return outcome();
  }

 private:
  Result<void> define(const std::string& name, Flow flow) {
    if (flow.id == 0) flow.id = ++last_id_;
    if (values_.emplace(name, std::move(flow)).second) return {};
    return damaged("two values have the name " + shortened(name));
  }

  Result<void> add_constants() {
    for (const auto& constant : graph_.constants) {
      Flow flow;
      flow.form = Form::constant;
      flow.constant = &constant;
      QUERN_CHECK(define(constant.name, std::move(flow)));
    }
    return {};
  }

  // --- Inputs. ---

  /// Inputs that are no constants with a value of their own, as old files list them.
  std::vector<const Port*> open_inputs() const {
    std::vector<const Port*> out;
    for (const auto& port : graph_.inputs)
      if (!values_.contains(port.name)) out.push_back(&port);
    return out;
  }

  /// Columns of an input; -1: its shape does not say; 0: it is no matrix.
  static std::int64_t columns_of(const Port& port) {
    if (port.shape.size() == 1) return 1;
    return port.shape.size() == 2 ? port.shape[1] : 0;
  }

  Result<void> add_inputs() {
    const auto ports = open_inputs();
    for (const auto* port : ports) {
      auto flow = input_flow(*port, ports.size() == 1);
      if (!flow) return std::move(flow).errors();
      QUERN_CHECK(define(port->name, *std::move(flow)));
    }
    if (names_.empty()) return {};
    if (names_.size() == columns_.size()) {
      for (std::size_t i = 0; i < names_.size(); ++i) columns_[i].name = names_[i];
      return {};
    }
    return Diagnostic{Code::attribute_conflict,
                      "the inputs of the graph have " + std::to_string(columns_.size()) +
                          " columns, given are " + std::to_string(names_.size())};
  }

  Result<Flow> input_flow(const Port& port, bool alone) {
    const auto called = "input " + shortened(port.name);
    if (port.element == Element::other)
      return unread(not_read(called + " holds what are no numbers"));
    auto width = columns_of(port);
    if (width == 0) return unread(not_read(called + " is no matrix of rows and columns"));
    if (width < 0 && alone) width = static_cast<std::int64_t>(names_.size());
    if (width <= 0)
      return not_read(called + " does not say how many columns it has",
                      "name them: WITH columns = [a, b, ...]");
    if (columns_.size() + static_cast<std::size_t>(std::min<std::int64_t>(width, 1 << 20)) >
        FlowBudget::kMostColumns)
      return not_read("its inputs have more than " + std::to_string(FlowBudget::kMostColumns) +
                      " columns");
    Flow out;
    const bool is_text = port.element == Element::text;
    out.form = is_text ? Form::texts : Form::columns;
    out.width = width;
    out.is_vector = port.shape.size() == 1;
    out.whole = port.element == Element::int64 || port.element == Element::boolean;
    auto columns = std::make_shared<FlowColumns>();
    for (std::int64_t i = 0; i < width; ++i) {
      columns->push_back({columns_.size()});
      const auto place = std::to_string(i);
      columns_.push_back({width == 1 ? port.name
                          : alone    ? "f" + place
                                     : port.name + "_" + place,
                          is_text});
    }
    out.columns = std::move(columns);
    return out;
  }

  // --- Nodes. ---

  /// The node's inputs; the first that is not read in `unread_input`.
  Result<std::vector<Flow>> inputs_of(const GraphNode& node, const Flow*& unread_input) const {
    std::vector<Flow> out;
    for (const auto& name : node.inputs) {
      if (name.empty()) {
        out.emplace_back().form = Form::constant;
        continue;
      }
      const auto found = values_.find(name);
      if (found == values_.end())
        return bad_node(node, "reads " + shortened(name) + ", which nothing before it gives");
      if (found->second.is(Form::unread) && unread_input == nullptr) unread_input = &found->second;
      out.push_back(found->second);
    }
    return out;
  }

  Result<void> take(const GraphNode& node) {
    const Flow* unread_input = nullptr;
    QUERN_TRY(const auto inputs, inputs_of(node, unread_input));
    std::vector<Flow> outputs;
    if (unread_input == nullptr) {
      auto made = computed(node, inputs);
      if (made) {
        outputs = *std::move(made);
      } else if (made.errors().front().code == Code::not_in_this_version) {
        outputs.assign(node.outputs.size(), unread(made.errors().front()));
      } else {
        return std::move(made).errors();
      }
    } else {
      outputs.assign(node.outputs.size(), *unread_input);
    }
    const bool same = passes_on(node);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      auto flow = i < outputs.size() ? std::move(outputs[i])
                                     : unread(unread_node(node, "has an output that is not read"));
      if (!same) flow.id = 0;
      QUERN_CHECK(define(node.outputs[i], std::move(flow)));
    }
    return {};
  }

  Result<std::vector<Flow>> computed(const GraphNode& node, const std::vector<Flow>& inputs) {
    const auto read = find_operator(node);
    if (read == nullptr) return unread_node(node, "is of a kind that is not read");
    QUERN_CHECK(check_form(node, inputs));
    return read(node, inputs, context_);
  }

  // --- Outputs. ---

  Result<GraphOutcome> outcome() {
    GraphOutcome out;
    bool has_scores = false;
    const Flow* named = nullptr;
    for (const auto& port : graph_.outputs) {
      const auto found = values_.find(port.name);
      if (found == values_.end()) return damaged("nothing gives output " + shortened(port.name));
      const auto& flow = found->second;
      if (flow.is(Form::unread)) return *flow.why;
      if (flow.is(Form::labels) || flow.is(Form::index)) {
        named = &flow;
        continue;
      }
      if (!flow.is(Form::numbers) && !flow.is(Form::pair))
        return not_read("output " + shortened(port.name) + " is what comes of no model");
      if (has_scores) return not_read("it has more than one output of numbers");
      has_scores = true;
      out.scores = flow;
    }
    if (!has_scores && named == nullptr) return damaged("it has no output");
    if (!has_scores) out.scores = *named;
    out.says_class = named != nullptr;
    if (out.scores.classes) out.classes = *out.scores.classes;
    if (named != nullptr && named->classes) out.classes = *named->classes;
    out.columns = std::move(columns_);
    out.budget = context_.budget;
    return out;
  }

  const Graph& graph_;
  const std::vector<std::string>& names_;
  OperatorContext context_;
  std::unordered_map<std::string, Flow> values_;
  std::vector<InputColumn> columns_;
  std::size_t last_id_ = 0;
};

}  // namespace

Result<GraphOutcome> walk_graph(const Graph& graph, const std::vector<std::string>& columns) {
  return Walk(graph, columns).run();
}

}  // namespace quern::codegen
