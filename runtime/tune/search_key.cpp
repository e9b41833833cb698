// A text of all that matters, and its hash.

#include "runtime/tune/search_key.h"

#include "base/version.h"
#include "compiler/ir/scripted_module.h"
#include "runtime/engines/network_engine.h"
#include "runtime/engines/xgboost/xgboost_engine.h"
#include "runtime/model_store/model_store.h"
#include "runtime/tune/fingerprint.h"

namespace quern::runtime {
namespace {

class KeyText {
 public:
  void add(const std::string& name, const std::string& value) {
    text_ += name + "=" + std::to_string(value.size()) + ":" + value + "\n";
  }
  void add(const std::string& name, std::int64_t value) { add(name, std::to_string(value)); }
  std::string hash() const { return check_sum({text_.begin(), text_.end()}); }

 private:
  std::string text_;
};

void add_search(const ir::Train& statement, KeyText& out) {
  const auto& tuning = *statement.tuning;
  for (const auto* setting : ir::searched(statement.settings))
    out.add(setting->spec->name, ir::format_search(*setting->search));
  out.add("algorithm", std::string(ir::algorithm_name(tuning.algorithm)));
  out.add("objective", tuning.objective);
  // How many there are decides who goes on.
  if (tuning.algorithm == ir::TuneAlgorithm::halving) out.add("trials", tuning.trials);
  const auto* seed = ir::find_setting(statement.settings, "seed");
  out.add("seed", seed == nullptr ? 0 : std::get<std::int64_t>(seed->value));
}

void add_task(const plan::Train& plan, const Fitted& fitted, const TrainTask& task, KeyText& out) {
  for (const auto& [name, value] : plan::engine_parameters(plan.statement)) out.add(name, value);
  out.add("objective", std::string(fitted.objective->name));
  out.add("classes", static_cast<std::int64_t>(fitted.label.classes.size()));
  const bool network = plan.statement.network.has_value();
  const auto* rounds =
      ir::find_setting(plan.statement.settings, network ? "train.epoch" : "num_round");
  if (rounds == nullptr || !rounds->search) out.add("rounds", plan.statement.rounds);
  out.add("early stopping", task.early_stopping);
  for (const auto& name : task.feature_names) out.add("feature", name);
  for (const auto kind : task.feature_kinds) out.add("kind", static_cast<std::int64_t>(kind));
  for (const auto width : task.group_widths) out.add("group", width);
  out.add("start", check_sum(task.start));
  if (const auto& module = plan.statement.module)
    out.add("module", check_sum(ir::write_tensors({.metadata = {}, .tensors = module->weights})));
}

Result<void> add_rows(const Fitted& fitted, const TrainTask& task, KeyText& out) {
  const auto add = [&](PageSource& rows) -> Result<void> {
    QUERN_TRY(const auto print, fingerprint(rows, task.margins, 0, fitted.label.width()));
    out.add("rows", rows.rows());
    out.add("fingerprint", std::to_string(print));
    return {};
  };
  for (int fold = 0; fold < fitted.folds; ++fold) {
    const std::vector<std::uint8_t> mark{static_cast<std::uint8_t>(fold)};
    QUERN_CHECK(add(*fitted.pages->part(mark)));
  }
  if (fitted.folds > 0) return {};
  QUERN_CHECK(add(*task.train));
  return task.validation == nullptr ? Result<void>() : add(*task.validation);
}

/// Whatever trains.
Result<std::string> library_of(const plan::Train& plan) {
  if (!plan.statement.network) return make_xgboost_engine()->library();
  QUERN_TRY(auto* engine, torch_engine());
  return engine->library();
}

}  // namespace

Result<std::string> search_key(const plan::Train& plan, const Fitted& fitted,
                               const TrainTask& task) {
  KeyText text;
  text.add("quern", version());
  QUERN_TRY(const auto library, library_of(plan));
  text.add("library", library);
  add_search(plan.statement, text);
  add_task(plan, fitted, task, text);
  QUERN_CHECK(add_rows(fitted, task, text));
  return text.hash();
}

}  // namespace quern::runtime
