// What came out of the graph, and what is wished, settle the task; trees and single linear layers
// are stored as XGBoost's models are, all else as networks.

#include "codegen/import/foreign_model.h"

#include <algorithm>
#include <bit>
#include <map>
#include <new>

#include "codegen/import/foreign_columns.h"
#include "codegen/import/xgboost_document.h"
#include "compiler/ir/network.h"
#include "compiler/ir/tensors.h"

namespace quern::codegen {
namespace {

using Form = Flow::Form;
using After = Flow::After;

Diagnostic not_read(const std::string& what, const std::string& hint = "") {
  return {Code::not_in_this_version, "the ONNX graph is not read: " + what, SourceSpan::none(),
          hint};
}

// --- What is predicted. ---

/// How margins become answers, whatever they are computed by.
enum class Answer : std::uint8_t { number, mean, logistic, softmax, sign, largest, shares };

struct Decision {
  ir::Task task = ir::Task::regression;
  Answer answer = Answer::number;
  std::size_t classes = 0;
};

Result<Decision> decide_number(const Flow& scores) {
  if (scores.width != 1) {
    const auto width = std::to_string(scores.width);
    return not_read(
        "it gives " + width + " numbers a row, and a model predicts one",
        "where they are the margins of " + width + " classes, name those: WITH classes = [...]");
  }
  const bool mean = scores.link == After::exponential;
  return Decision{ir::Task::regression, mean ? Answer::mean : Answer::number, 0};
}

Result<Decision> decide_class(const Flow& scores, bool of_graph) {
  const bool one = scores.width == 1;
  const auto classes = one ? std::size_t{2} : static_cast<std::size_t>(scores.width);
  const auto task = one ? ir::Task::binary : ir::Task::multiclass;
  switch (scores.link) {
    case After::logistic:
      if (one) return Decision{task, Answer::logistic, classes};
      return not_read("it gives each of several outputs a logistic of its own");
    case After::softmax:
      if (!one) return Decision{task, Answer::softmax, classes};
      return not_read("it takes a softmax of one number");
    case After::probability: return Decision{task, Answer::shares, classes};
    case After::none:
      // A graph that calls classes by margins gives no probabilities; one that does not leaves them
      // to whoever names its classes.
      if (of_graph) return Decision{task, one ? Answer::sign : Answer::largest, classes};
      return Decision{task, one ? Answer::logistic : Answer::softmax, classes};
    case After::exponential: break;
  }
  return not_read("it takes the exponential of what classes are called by");
}

Result<Decision> decide(const GraphOutcome& outcome, const ForeignWishes& wishes) {
  const auto& scores = outcome.scores;
  const bool of_graph = outcome.says_class || !outcome.classes.empty();
  const bool classes = of_graph || wishes.classes > 0 || scores.is(Form::pair) ||
                       scores.link == After::logistic || scores.link == After::softmax ||
                       scores.link == After::probability;
  QUERN_TRY(const auto decision, classes ? decide_class(scores, of_graph) : decide_number(scores));
  if (outcome.classes.empty() || outcome.classes.size() == decision.classes) return decision;
  return Diagnostic{Code::corrupt_model,
                    "the ONNX file is damaged: it names " + std::to_string(outcome.classes.size()) +
                        " classes and scores " + std::to_string(decision.classes)};
}

std::string_view xgboost_objective(const Decision& decision) {
  switch (decision.answer) {
    case Answer::number: return "reg:squarederror";
    case Answer::mean: return "count:poisson";
    case Answer::logistic: return "binary:logistic";
    case Answer::softmax: return "multi:softprob";
    case Answer::sign: return "binary:hinge";
    case Answer::largest: return "multi:softmax";
    case Answer::shares: return "quern:shares";
  }
  return "";
}

std::string_view network_objective(const Decision& decision) {
  switch (decision.answer) {
    case Answer::number: return "squared_error";
    case Answer::mean: return "poisson";
    case Answer::logistic: return "logistic";
    case Answer::sign: return "hinge";
    case Answer::softmax:
    case Answer::largest: return "cross_entropy";
    case Answer::shares: break;
  }
  return "";
}

// --- Models. ---

/// The features of the columns that a model reads, which become those of `out`.
Result<ForeignFeatures> take_features(GraphOutcome& outcome, CategoriesAs as, ForeignModel& out) {
  QUERN_TRY(auto features,
            foreign_features(*outcome.scores.columns, outcome.columns, as, outcome.budget));
  out.program = features.program;
  return features;
}

Result<void> add_forest(GraphOutcome& outcome, const Decision& decision, ForeignModel& out) {
  const auto& scores = outcome.scores;
  QUERN_TRY(const auto features, take_features(outcome, CategoriesAs::codes, out));
  QUERN_TRY(const auto trees,
            over_features(scores.trees->trees, *scores.columns, features, outcome.budget));
  const bool many = decision.task == ir::Task::multiclass;
  out.estimator = "onnx.trees";
  out.booster = "gbtree";
  out.objective = xgboost_objective(decision);
  out.payload_format = "xgboost.json";
  const DocumentHead head{out.objective, static_cast<std::int64_t>(ir::width(out.program)),
                          many ? scores.width : 0};
  std::vector<float> base;
  for (const auto b : scores.trees->base) base.push_back(static_cast<float>(b));
  out.payload = forest_document(head, trees, base);
  return {};
}

const std::vector<float>* tensor_of(const FlowLayer& layer, std::string_view name) {
  for (const auto& [known, values] : layer.tensors)
    if (known == name) return &values;
  return nullptr;
}

/// The one layer of a linear model; null for other networks.
const FlowLayer* single_linear(const Flow& scores) {
  if (scores.towers.size() != 1 || scores.towers.front().size() != 1) return nullptr;
  const auto& layer = *scores.towers.front().front();
  return std::holds_alternative<ir::LinearLayer>(layer.layer) ? &layer : nullptr;
}

Result<void> add_linear(GraphOutcome& outcome, const FlowLayer& layer, const Decision& decision,
                        ForeignModel& out) {
  const auto& scores = outcome.scores;
  QUERN_TRY(const auto features, take_features(outcome, CategoriesAs::groups, out));
  const auto outputs = static_cast<std::size_t>(scores.width);
  const auto* bias = tensor_of(layer, "bias");
  const LinearWeights written{*tensor_of(layer, "weight"),
                              bias == nullptr ? std::vector<float>(outputs) : *bias};
  QUERN_TRY(const auto linear, over_features(written, *scores.columns, features, outcome.budget));
  const bool many = decision.task == ir::Task::multiclass;
  out.estimator = "onnx.linear";
  out.booster = "gblinear";
  out.objective = xgboost_objective(decision);
  out.payload_format = "xgboost.json";
  const auto width = ir::width(out.program);
  std::vector<float> weights;
  for (std::size_t f = 0; f < width; ++f)
    for (std::size_t o = 0; o < outputs; ++o) weights.push_back(linear.weight[o * width + f]);
  weights.insert(weights.end(), linear.bias.begin(), linear.bias.end());
  const DocumentHead head{out.objective, static_cast<std::int64_t>(width), many ? scores.width : 0};
  out.payload = linear_document(head, weights);
  return {};
}

/// Of the margins of two classes their difference, which is one of its own.
void keep_difference(Flow& scores, Decision& decision) {
  if (decision.answer != Answer::softmax || scores.width != 2 || scores.towers.size() != 1) return;
  auto& last = scores.towers.front().back();
  if (!std::holds_alternative<ir::LinearLayer>(last->layer)) return;
  const auto halved = [](const std::vector<float>& both) {
    const auto half = both.size() / 2;
    std::vector<float> out(half);
    for (std::size_t i = 0; i < half; ++i) out[i] = both[half + i] - both[i];
    return out;
  };
  FlowLayer one{ir::LinearLayer{1, tensor_of(*last, "bias") != nullptr}};
  for (const auto& [name, values] : last->tensors) one.tensors.emplace_back(name, halved(values));
  last = std::make_shared<const FlowLayer>(std::move(one));
  scores.width = 1;
  decision = {ir::Task::binary, Answer::logistic, 2};
}

/// One tower over the blocks; its tensors by name in `numbers`.
using TensorNumbers = std::map<std::string, const std::vector<float>*>;
ir::Tower tower_of(const FlowTower& layers, std::size_t number,
                   const std::vector<ForeignBlock>& blocks, TensorNumbers& numbers) {
  ir::Tower out{
      .name = number == 0 ? "dnn" : "dnn" + std::to_string(number), .blocks = {}, .layers = {}};
  for (const auto& block : blocks) {
    numbers[out.name + ".block" + std::to_string(out.blocks.size())] = &block.table;
    out.blocks.push_back(block.block);
  }
  for (const auto& layer : layers) {
    const auto name = out.name + ".layer" + std::to_string(out.layers.size()) + ".";
    for (const auto& [end, values] : layer->tensors) numbers[name + end] = &values;
    out.layers.push_back(layer->layer);
  }
  return out;
}

Result<void> add_network(GraphOutcome& outcome, const Decision& decision, ForeignModel& out) {
  const auto& scores = outcome.scores;
  QUERN_TRY(const auto features, take_features(outcome, CategoriesAs::codes, out));
  QUERN_TRY(const auto blocks, blocks_of(*scores.columns, features, outcome.budget));
  out.estimator = "onnx.network";
  out.objective = network_objective(decision);
  out.payload_format = ir::kNetworkFormat;
  ir::Network network{.features = static_cast<std::int32_t>(out.program.features.size()),
                      .group_widths = {},
                      .towers = {},
                      .outputs = static_cast<std::int32_t>(scores.width)};
  TensorNumbers numbers;
  std::size_t learned = 0;
  for (const auto& block : blocks) learned += block.table.size();
  if (!outcome.budget.take(learned * scores.towers.size()))
    return not_read("its categories ask for more than the graph holds");
  for (const auto& layers : scores.towers)
    network.towers.push_back(tower_of(layers, network.towers.size(), blocks, numbers));
  if (const auto fits = ir::check(network); !fits)
    return not_read("as a network it is none: " + fits.errors().front().message);
  ir::Tensors tensors{.metadata = {{"network", ir::to_json(network)}}, .tensors = {}};
  for (const auto& wanted : ir::tensor_shapes(network)) {
    const auto found = numbers.find(wanted.name);
    if (found == numbers.end()) return not_read("as a network it lacks " + wanted.name);
    tensors.tensors.push_back({wanted.name, wanted.shape, *found->second});
  }
  out.payload = ir::write_tensors(tensors);
  return {};
}

Result<ForeignModel> read(const Graph& graph, const ForeignWishes& wishes) {
  QUERN_TRY(auto outcome, walk_graph(graph, wishes.columns));
  auto& scores = outcome.scores;
  QUERN_TRY(auto decision, decide(outcome, wishes));
  ForeignModel out;
  if (scores.trees) {
    QUERN_CHECK(add_forest(outcome, decision, out));
  } else {
    keep_difference(scores, decision);
    const auto* linear = single_linear(scores);
    if (linear != nullptr) {
      QUERN_CHECK(add_linear(outcome, *linear, decision, out));
    } else {
      QUERN_CHECK(add_network(outcome, decision, out));
    }
  }
  out.task = decision.task;
  out.classes = decision.classes;
  out.known_classes = std::move(outcome.classes);
  return out;
}

// --- Comparing. ---

/// NaN is the same as NaN here, and 0 is not -0.
bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}
bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
template <typename T>
bool same_bits(const T& a, const T& b) {
  return a == b;
}
template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return same_bits(x, y); });
}

template <typename Variant>
bool same_value(const Variant& a, const Variant& b) {
  return a.index() == b.index() && std::visit(
                                       [&](const auto& value) {
                                         using T = std::decay_t<decltype(value)>;
                                         return same_bits(value, std::get<T>(b));
                                       },
                                       a);
}

bool same_node(const GraphNode& a, const GraphNode& b) {
  return a.op == b.op && a.domain == b.domain && a.inputs == b.inputs && a.outputs == b.outputs &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(),
                    b.attributes.end(), [](const auto& x, const auto& y) {
                      return x.name == y.name && same_value(x.value, y.value);
                    });
}

bool same_constant(const Constant& a, const Constant& b) {
  return a.name == b.name && a.shape == b.shape && same_value(a.values, b.values);
}

bool same_port(const Port& a, const Port& b) {
  return a.name == b.name && a.element == b.element && a.shape == b.shape;
}

template <typename T, typename Same>
bool same_list(const std::vector<T>& a, const std::vector<T>& b, const Same& same) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

}  // namespace

Result<ForeignModel> read_foreign(const Graph& graph, const ForeignWishes& wishes) {
  try {
    return read(graph, wishes);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the model does not fit into memory"};
  }
}

bool same_computation(const Graph& a, const Graph& b) {
  return same_list(a.inputs, b.inputs, same_port) && same_list(a.outputs, b.outputs, same_port) &&
         same_list(a.constants, b.constants, same_constant) &&
         same_list(a.nodes, b.nodes, same_node);
}

}  // namespace quern::codegen
