// RANGE and CHOICE, and what goes with them.

#include "compiler/bind/bind_search.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/similar.h"
#include "compiler/bind/bind_network.h"
#include "compiler/bind/constants.h"
#include "compiler/bind/settings.h"
#include "compiler/ir/metrics.h"
#include "compiler/ir/search.h"
#include "compiler/ir/training_metrics.h"

namespace quern::binding {
namespace {

using ir::AttributeSpec;
using ir::AttributeType;
using ir::TuneAlgorithm;

/// Beyond it doubles skip whole numbers.
constexpr double kMostWhole = 9007199254740992.0;
/// Trials of a search that is not told how many.
constexpr int kTrials = 10;
/// What networks always report, and are compared by unless told otherwise, as for early stopping.
constexpr const char* kLoss = "loss";

bool is_number(const AttributeSpec& spec) {
  return spec.type == AttributeType::integer || spec.type == AttributeType::real;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

Result<double> bound(const AttributeSpec& spec, const ast::Expr& expr) {
  QUERN_TRY(const auto constant, fold(expr));
  QUERN_TRY(const auto value, to_value(spec, constant, expr.span));
  const auto* whole = std::get_if<std::int64_t>(&value);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
}

Result<bool> is_log(const std::string& function, const ast::Expr& expr) {
  QUERN_TRY(const auto constant, fold(expr));
  const auto* word = std::get_if<std::string>(&constant.node);
  if (word != nullptr && equal_ignoring_case(*word, "log")) return true;
  return Diagnostic{Code::attribute_type,
                    "the third argument of " + function + " is 'log', found " + print(constant),
                    expr.span};
}

Diagnostic no_range(const AttributeSpec& spec, const std::string& function, SourceSpan span) {
  const bool flag = spec.type == AttributeType::boolean;
  if (spec.type == AttributeType::scalars) {
    return {Code::attribute_type,
            function + " takes numbers, and attribute " + spec.name + " is a list", span,
            "use CHOICE([8], [16, 8])"};
  }
  return {Code::attribute_type,
          function + " takes numbers, and attribute " + spec.name + " is " +
              (flag ? "true or false" : "one of its values"),
          span, "use CHOICE(" + (flag ? "true, false" : joined(spec.choices)) + ")"};
}

Result<ir::SearchSpace> bind_range(const AttributeSpec& spec, const ast::Call& call,
                                   SourceSpan span) {
  const auto function = call.function.text();
  if (!is_number(spec)) return no_range(spec, function, span);
  if (call.args.size() != 2 && call.args.size() != 3) {
    return Diagnostic{Code::attribute_type,
                      function + " takes a lower and an upper bound, and 'log' where it is wanted",
                      span};
  }
  ir::SearchRange range;
  QUERN_TRY(range.low, bound(spec, call.args[0]));
  QUERN_TRY(range.high, bound(spec, call.args[1]));
  if (call.args.size() == 3) {
    QUERN_TRY(range.log, is_log(function, call.args[2]));
  }
  if (spec.type == AttributeType::integer && range.high > kMostWhole) {
    return Diagnostic{Code::attribute_range,
                      function + " takes whole numbers up to " + ir::format_number(kMostWhole),
                      call.args[1].span};
  }
  if (range.low >= range.high) {
    return Diagnostic{Code::attribute_range,
                      "the lower bound of " + function + " must be below the upper one: " +
                          ir::format_number(range.low) + ", " + ir::format_number(range.high),
                      span};
  }
  if (range.log && range.low <= 0) {
    return Diagnostic{Code::attribute_range,
                      "the lower bound must be above 0 for 'log': " + ir::format_number(range.low),
                      call.args[0].span};
  }
  return ir::SearchSpace{.range = range};
}

/// HPARAM_CANDIDATES([1, 2]) is CHOICE(1, 2).
const std::vector<ast::Expr>& choices_of(const ast::Call& call) {
  const auto* list = call.args.size() == 1 ? std::get_if<ast::List>(&call.args[0].node) : nullptr;
  return list != nullptr ? list->items : call.args;
}

Result<ir::SearchSpace> bind_choice(const AttributeSpec& spec, const ast::Call& call,
                                    SourceSpan span) {
  ir::SearchSpace out;
  for (const auto& expr : choices_of(call)) {
    QUERN_TRY(const auto constant, fold(expr));
    QUERN_TRY(auto value, to_value(spec, constant, expr.span));
    if (std::find(out.choices.begin(), out.choices.end(), value) != out.choices.end()) {
      return Diagnostic{
          Code::attribute_range,
          "a value of " + call.function.text() + " is given twice: " + ir::format_attribute(value),
          expr.span};
    }
    out.choices.push_back(std::move(value));
  }
  if (!out.choices.empty()) return out;
  return Diagnostic{Code::attribute_type, call.function.text() + " needs a value to choose", span};
}

/// A value that the attribute may have: the largest, so that what is planned by it suffices.
ir::AttributeValue stand_in(const AttributeSpec& spec, const ir::SearchSpace& space) {
  if (!space.range) return *std::max_element(space.choices.begin(), space.choices.end());
  if (spec.type == AttributeType::real) return space.range->high;
  return static_cast<std::int64_t>(space.range->high);
}

const char* const kTuneAttributes[] = {"tune.trials", "tune.algorithm", "tune.objective",
                                       "tune.time_limit"};

void conflict(std::string message, SourceSpan span, std::string hint, Diagnostics& errors) {
  errors.push_back({Code::attribute_conflict, std::move(message), span, std::move(hint)});
}

bool any_range(const std::vector<ir::Setting>& settings) {
  return std::any_of(settings.begin(), settings.end(),
                     [](const ir::Setting& s) { return s.search && s.search->range.has_value(); });
}

TuneAlgorithm algorithm_of(const std::vector<ir::Setting>& settings) {
  const auto* setting = ir::find_setting(settings, "tune.algorithm");
  if (setting == nullptr) {
    const bool counted = ir::find_setting(settings, "tune.trials") != nullptr;
    return any_range(settings) || counted ? TuneAlgorithm::random : TuneAlgorithm::grid;
  }
  const auto& name = std::get<std::string>(setting->value);
  if (name == "grid") return TuneAlgorithm::grid;
  return name == "halving" ? TuneAlgorithm::halving : TuneAlgorithm::random;
}

void check_grid(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  for (const auto* setting : ir::searched(settings)) {
    if (!setting->search->range) continue;
    conflict("tune.algorithm grid takes CHOICE, and RANGE has no steps: " + setting->spec->name,
             setting->value_span, "write CHOICE(...), or use tune.algorithm = random", errors);
  }
}

/// Neither more trials than there are combinations, nor a grid that is cut.
void check_count(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "tune.trials");
  // Every estimator has it alike.
  const auto* declared = ir::find_attribute(ir::xgboost_attributes(), "tune.trials");
  const double count = ir::combinations(settings);
  const bool grid = algorithm_of(settings) == TuneAlgorithm::grid;
  const double trials = setting != nullptr
                            ? static_cast<double>(std::get<std::int64_t>(setting->value))
                            : *declared->range.high;
  if (grid && any_range(settings)) return;
  const auto words = counted(static_cast<std::int64_t>(std::min(count, 9e15)), "combination");
  if (grid && count > trials) {
    const auto span = setting != nullptr ? setting->span : ir::searched(settings)[0]->value_span;
    conflict("the search has " + words + ", grid may try " + ir::format_number(trials), span,
             "use tune.algorithm = random to try some of them", errors);
  }
  if (!grid && setting != nullptr && count < trials) {
    conflict("tune.trials is " + ir::format_number(trials) + ", the search has " + words,
             setting->span, "leave it out", errors);
  }
}

/// The attribute that names the metrics which training reports. Networks report the loss besides.
std::string metrics_attribute(const ir::EstimatorDescriptor& estimator) {
  return estimator.is_network() ? "validation.metrics" : "eval_metric";
}

/// One of the metrics that training reports.
void check_metric(const ir::EstimatorDescriptor& estimator,
                  const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "tune.objective");
  if (setting == nullptr) return;
  const auto& name = std::get<std::string>(setting->value);
  if (estimator.is_network() && name == kLoss) return;
  const auto attribute = metrics_attribute(estimator);
  if (const auto* given = ir::find_setting(settings, attribute)) {
    const auto& metrics = std::get<std::vector<std::string>>(given->value);
    if (std::find(metrics.begin(), metrics.end(), name) != metrics.end()) return;
    return conflict("tune.objective is none of " + attribute + ": " + name, setting->value_span,
                    attribute + " has " + joined(metrics), errors);
  }
  if (estimator.is_network()) {
    if (has_metric(estimator, name)) return;
    errors.push_back({Code::attribute_range, "tune.objective is no metric of training: " + name,
                      setting->value_span,
                      suggest(name, ir::metric_names(), "loss, or one that TO EVALUATE has")});
    return;
  }
  const auto* metric = ir::find_attribute(ir::xgboost_attributes(), "eval_metric");
  const auto known = to_value(*metric, Constant{name}, setting->value_span);
  if (known && std::get<std::vector<std::string>>(*known).size() == 1) return;
  errors.push_back({Code::attribute_range, "tune.objective is no metric of training: " + name,
                    setting->value_span,
                    suggest(name, ir::training_metric_names(),
                            "allowed: " + joined(ir::training_metric_names()))});
}

void check_rows(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* method = ir::find_setting(settings, "split.method");
  const bool none = method != nullptr && std::get<std::string>(method->value) == "none";
  if (!none || ir::find_setting(settings, "validation.select") != nullptr) return;
  const auto& first = *ir::searched(settings).front();
  conflict("tuning needs validation rows, and split.method is none: " + first.spec->name,
           first.value_span, "use split.method = random, or validation.select", errors);
}

/// Rounds, of a network epochs, are what halving gives and takes, and it has to have some.
void check_halving(const ir::Train& train, int trials, Diagnostics& errors) {
  const bool network = train.estimator->is_network();
  const std::string attribute = network ? "train.epoch" : "num_round";
  const std::string unit = network ? "epochs" : "rounds";
  const auto* algorithm = ir::find_setting(train.settings, "tune.algorithm");
  const auto* rounds = ir::find_setting(train.settings, attribute);
  if (rounds != nullptr && rounds->search) {
    return conflict(
        "tune.algorithm halving decides the " + unit + ": " + attribute + " cannot be tuned",
        rounds->value_span, "give " + attribute + " the most " + unit + " of a trial", errors);
  }
  if (train.rounds == 0) {
    return conflict("tune.algorithm halving needs train.epoch, the most epochs of a trial",
                    algorithm->value_span, "add train.epoch = 27", errors);
  }
  if (train.rounds >= 3 && trials >= 3) return;
  conflict("tune.algorithm halving needs 3 " + unit + " and 3 trials, it has " +
               std::to_string(train.rounds) + " and " + std::to_string(trials),
           algorithm->value_span, "use tune.algorithm = random", errors);
}

/// Without a metric there is nothing by which to choose.
void check_some_metric(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* off = ir::find_setting(settings, "disable_default_eval_metric");
  if (off == nullptr || !std::get<bool>(off->value)) return;
  for (const char* name : {"eval_metric", "tune.objective"}) {
    if (ir::find_setting(settings, name) != nullptr) return;
  }
  conflict("attribute disable_default_eval_metric leaves tuning no metric", off->span,
           "name one with tune.objective", errors);
}

}  // namespace

bool is_search(const ast::Expr& value) {
  const auto* call = std::get_if<ast::Call>(&value.node);
  return call != nullptr && is_search_function(call->function.text());
}

Result<ir::Setting> bind_search(const ir::AttributeSpec& spec, const ast::Attribute& attribute) {
  const auto& value = attribute.value;
  const auto& call = std::get<ast::Call>(value.node);
  if (!spec.tunable) {
    return Diagnostic{Code::attribute_conflict, "attribute cannot be tuned: " + spec.name,
                      value.span, "give it one value; docs/attributes.md lists those that can be"};
  }
  const bool range = is_range_function(call.function.text());
  QUERN_TRY(auto space,
            range ? bind_range(spec, call, value.span) : bind_choice(spec, call, value.span));
  auto some = stand_in(spec, space);
  return ir::Setting{&spec, std::move(some), attribute.span, value.span, std::move(space)};
}

void check_tuning(const ir::EstimatorDescriptor& estimator,
                  const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  if (ir::searched(settings).empty()) {
    const std::string some = estimator.is_network() ? "learning_rate" : "eta";
    for (const char* name : kTuneAttributes) {
      refuse(settings, name, "has nothing to search",
             "give an attribute several values: " + some + " = RANGE(0.01, 0.3, 'log')", errors);
    }
    return;
  }
  if (algorithm_of(settings) == TuneAlgorithm::grid) check_grid(settings, errors);
  check_count(settings, errors);
  check_metric(estimator, settings, errors);
  check_rows(settings, errors);
  check_some_metric(settings, errors);
}

void bind_tuning(ir::Train& out, Diagnostics& errors) {
  if (ir::searched(out.settings).empty()) return;
  ir::Tuning tuning{.algorithm = algorithm_of(out.settings)};
  const double count = ir::combinations(out.settings);
  const auto* trials = ir::find_setting(out.settings, "tune.trials");
  if (tuning.algorithm == TuneAlgorithm::grid)
    tuning.trials = static_cast<int>(count);
  else if (trials != nullptr)
    tuning.trials = static_cast<int>(std::get<std::int64_t>(trials->value));
  else
    tuning.trials = static_cast<int>(std::min<double>(kTrials, count));
  if (const auto* limit = ir::find_setting(out.settings, "tune.time_limit"))
    tuning.time_limit = std::get<double>(limit->value);
  if (out.estimator->is_network()) tuning.objective = kLoss;
  if (const auto* objective = ir::find_setting(out.settings, "tune.objective")) {
    tuning.objective = std::get<std::string>(objective->value);
    const auto attribute = metrics_attribute(*out.estimator);
    const bool reported = out.estimator->is_network() && tuning.objective == kLoss;
    if (!reported && ir::find_setting(out.settings, attribute) == nullptr) {
      const auto* spec = ir::find_attribute(out.estimator->attributes(), attribute);
      ir::Setting metric{spec, std::vector<std::string>{tuning.objective}, objective->span,
                         objective->value_span};
      out.settings.push_back(std::move(metric));
    }
  }
  if (tuning.algorithm == TuneAlgorithm::halving) check_halving(out, tuning.trials, errors);
  out.tuning = std::move(tuning);
}

}  // namespace quern::binding
