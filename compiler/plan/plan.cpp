// The planner and its printer.

#include "compiler/plan/plan.h"

#include <algorithm>

#include "base/box.h"
#include "base/format.h"
#include "compiler/ir/constraints.h"

namespace quern::plan {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

bool given(const Parameters& parameters, const std::string& name) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const auto& p) { return p.first == name; });
}

void add_default(Parameters& out, const std::string& name, const std::string& value) {
  if (!given(out, name)) out.emplace_back(name, value);
}

/// Where the library's own default depends on the data's size or on chance, ours does not.
void add_booster_defaults(Parameters& out, const std::string& booster) {
  if (booster != "gblinear") return add_default(out, "tree_method", "hist");
  add_default(out, "updater", "coord_descent");
  // Its threads race for the weights (docs/decisions/009).
  const std::pair<std::string, std::string> racing{"updater", "shotgun"};
  if (std::find(out.begin(), out.end(), racing) != out.end()) add_default(out, "nthread", "1");
}

std::string with_commas(std::int64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

/// Below 1 the library would not say which parameters it leaves unused.
void add_verbosity(Parameters& out, const std::vector<ir::Setting>& settings) {
  const auto* setting = ir::find_setting(settings, "verbosity");
  if (setting == nullptr || std::get<std::int64_t>(setting->value) < 2) return;
  out.emplace_back("verbosity", ir::format_attribute(setting->value));
}

/// The query on one line, as the database will get it apart from line breaks.
std::string one_line(const std::string& sql) {
  std::string out = sql;
  std::replace(out.begin(), out.end(), '\n', ' ');
  std::replace(out.begin(), out.end(), '\r', ' ');
  return out;
}

std::string columns_read(const ir::Query& query, const std::vector<std::size_t>& columns) {
  std::string out;
  for (const auto c : columns) out += (out.empty() ? "" : ", ") + query.description.schema[c].name;
  return out;
}

std::string lists_to_come(const ir::Train& s) {
  std::string out;
  for (std::size_t i = 0; i < s.program.inputs.size(); ++i) {
    if (!ir::is_open(s.program, i)) continue;
    out += "  list       " + s.program.inputs[i].name +
           ", its length is told by the first rows; 4 bytes a row and element are added\n";
  }
  return out;
}

std::string dump_train(const Train& t, const Environment& environment) {
  const auto& s = t.statement;
  std::string out = "train\n";
  out += "  database   " + environment.engine + "\n";
  out += "  query      " + one_line(s.query.text) + "\n";
  if (s.order) out += "  order      " + s.order->by + "\n";
  out += "  features   " + columns_read(s.query, s.input_columns) + "\n";
  out += "  label      " + s.query.description.schema[s.label_column].name + "\n";
  out += "  fit        one pass over all rows\n";
  out += "  pages      " + with_commas(t.page_rows) + " rows each, " +
         with_commas(t.bytes_per_row) + " bytes a row, in memory up to a quarter of memory_limit\n";
  out += lists_to_come(s);
  out += "  split      " + ir::describe(s.split);
  if (s.split.key) out += ", key " + s.query.description.schema[*s.split.key].name;
  out += "\n";
  if (s.validation) out += "  validation " + one_line(s.validation->query.text) + "\n";
  if (s.early_stopping > 0) {
    out += "  stop early after " + std::to_string(s.early_stopping) +
           " rounds without a better validation metric\n";
  }
  if (s.start) {
    out += "  start      " + ir::display_name(s.start->model.where) + "@" +
           std::to_string(s.start->version) + ", " + std::to_string(s.start->manifest->rounds) +
           " rounds\n";
  }
  out += "  engine     " + s.estimator->engine + ", " + std::to_string(s.rounds) + " rounds\n";
  for (const auto& [name, value] : engine_parameters(s))
    out += "    " + name + " = " + value + "\n";
  out += "  objective  " +
         (s.objective != nullptr ? std::string(s.objective->name)
                                 : std::string("by the label's values")) +
         "\n";
  return out + "  store      " + ir::display_name(s.into) + ", a new version\n";
}

std::string_view write_words(Write write) {
  switch (write) {
    case Write::rows: return "rows to the caller";
    case Write::create: return "a new table, in one transaction";
    case Write::replace: return "replaces the table, in one transaction";
    case Write::append: return "appends to the table, in one transaction";
  }
  return "";
}

std::string dump_output(const Output& output) {
  std::string out = "  write      " + std::string(write_words(output.write)) + "\n";
  if (output.write != Write::rows) out += "  into       " + ir::display_name(output.table) + "\n";
  if (output.spool) out += "  spool      the query is read to its end before anything is written\n";
  return out;
}

std::string dump_use(const ir::ModelUse& use, const Environment& environment) {
  std::string out = "  database   " + environment.engine + "\n";
  out += "  query      " + one_line(use.query.text) + "\n";
  out += "  model      " + ir::display_name(use.model.where) + "@" + std::to_string(use.version) +
         "\n";
  if (use.input_columns.empty()) return out;
  return out + "  features   " + columns_read(use.query, use.input_columns) + "\n";
}

std::string dump_predict(const Predict& p, const Environment& environment) {
  const auto& s = p.statement;
  std::string out = "predict\n" + dump_use(s.use, environment);
  out += "  mode       native, interpreted\n";
  std::string results;
  for (auto i = s.kept_columns.size(); i < s.output.size(); ++i)
    results += (results.empty() ? "" : ", ") + s.output[i].name + " " + s.output[i].type.sql_name;
  out += "  result     " + results + "\n";
  if (s.threshold) out += "  threshold  " + format_double(*s.threshold) + "\n";
  return out + dump_output(p.output);
}

/// What is held of the rows until the last one is read.
std::string_view held_words(const ir::Evaluate& s) {
  switch (s.report) {
    case ir::Report::rows: return "nothing";
    case ir::Report::confusion: return "counts";
    default: return "the prediction and the label of each row";
  }
}

std::string metric_list(const ir::Evaluate& s) {
  std::string out;
  for (const auto& metric : s.metrics) out += (out.empty() ? "" : ", ") + metric.name;
  return out;
}

std::string dump_evaluate(const Evaluate& p, const Environment& environment) {
  const auto& s = p.statement;
  const auto& schema = s.use.query.description.schema;
  std::string out = "evaluate\n" + dump_use(s.use, environment);
  out += "  label      " + schema[s.label_column].name + "\n";
  if (s.weight_column) out += "  weight     " + schema[*s.weight_column].name + "\n";
  if (s.threshold) out += "  threshold  " + format_double(*s.threshold) + "\n";
  out += "  report     " + std::string(ir::report_name(s.report)) + "\n";
  if (!s.metrics.empty()) out += "  metrics    " + metric_list(s) + "\n";
  out += "  held       " + std::string(held_words(s)) + "\n";
  return out + dump_output(p.output);
}

std::string_view explain_words(const ir::Explain& s) {
  switch (s.explainer) {
    case ir::Explainer::shap:
      if (s.use.manifest->is_linear())
        return s.local ? "weight times value in each row" : "mean of |weight times value|";
      return s.local ? "exact Tree SHAP of each row" : "mean of |exact Tree SHAP| over all rows";
    case ir::Explainer::gain:
      return s.use.manifest->is_linear() ? "the model's weights; no row is read"
                                         : "the model's splits; no row is read";
    case ir::Explainer::permutation: return "all rows in memory, each feature shuffled in turn";
  }
  return "";
}

std::string dump_explain(const Explain& p, const Environment& environment) {
  const auto& s = p.statement;
  std::string out = "explain\n" + dump_use(s.use, environment);
  if (s.label_column)
    out += "  label      " + s.use.query.description.schema[*s.label_column].name + "\n";
  out += "  explainer  " + std::string(ir::explainer_name(s.explainer)) + "\n";
  out += "  by         " + std::string(explain_words(s)) + "\n";
  return out + dump_output(p.output);
}

void size_pages(Train& plan) {
  const auto features = plan.statement.program.features.size();
  const std::size_t extra = plan.statement.weight_column ? 2 : 1;
  plan.page_rows = page_rows(features);
  plan.bytes_per_row = static_cast<std::int64_t>((features + extra) * sizeof(float));
}

}  // namespace

std::int64_t page_rows(std::size_t features) {
  constexpr std::int64_t kPageBytes = 16 << 20;
  const auto row_bytes = static_cast<std::int64_t>(features * sizeof(float));
  return std::clamp<std::int64_t>(kPageBytes / std::max<std::int64_t>(row_bytes, 1), 2048, 65536);
}

Parameters engine_parameters(const ir::Train& statement) {
  Parameters out;
  out.emplace_back("booster", statement.booster);
  for (const auto& setting : statement.settings) {
    const auto& spec = *setting.spec;
    if (spec.owner != ir::Owner::engine || spec.name == "objective" || spec.name == "booster")
      continue;
    if (setting.search) continue;  // each trial has its own
    const auto* list = std::get_if<std::vector<std::string>>(&setting.value);
    if (list == nullptr) {
      out.emplace_back(spec.library_name, ir::format_attribute(setting.value));
      continue;
    }
    for (const auto& item : *list) out.emplace_back(spec.library_name, item);
  }
  for (const auto& [name, value] : statement.estimator->presets) add_default(out, name, value);
  add_booster_defaults(out, statement.booster);
  add_verbosity(out, statement.settings);
  add_default(out, "seed", "0");
  for (auto& [name, value] : out) {
    if (name == "tree_method" && value == "auto") value = "hist";
  }
  return out;
}

Train plan(ir::Train statement, const Environment& /*environment*/) {
  Train out;
  out.statement = std::move(statement);
  size_pages(out);
  return out;
}

Result<void> settle_lists(Train& plan, const std::vector<std::int32_t>& lengths) {
  auto& statement = plan.statement;
  auto& inputs = statement.program.inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (ir::is_open(statement.program, i)) inputs[i].elements = lengths[i];
  }
  ir::expand(statement.program);
  Diagnostics errors;
  if (auto clash = ir::check_names(statement.program, statement.query.span))
    errors.push_back(*std::move(clash));
  ir::bind_constraints(statement.settings, statement.program, errors);
  size_pages(plan);
  return errors.empty() ? Result<void>() : errors;
}

Output plan_output(const std::optional<ir::Target>& target, const Schema& schema,
                   const Environment& environment) {
  Output out{.schema = schema};
  if (!target) return out;
  const bool append = target->exists && target->mode == ir::OutputMode::append;
  out.write = append ? Write::append : target->exists ? Write::replace : Write::create;
  out.table = target->table;
  out.span = target->span;
  out.spool = target->read_by_query || environment.in_transaction;
  return out;
}

Predict plan(ir::Predict statement, const Environment& environment) {
  Predict out;
  out.output = plan_output(statement.target, statement.output, environment);
  out.statement = std::move(statement);
  return out;
}

Evaluate plan(ir::Evaluate statement, const Environment& environment) {
  Evaluate out;
  out.output = plan_output(statement.target, statement.output, environment);
  out.statement = std::move(statement);
  return out;
}

Explain plan(ir::Explain statement, const Environment& environment) {
  Explain out;
  out.output = plan_output(statement.target, statement.output, environment);
  out.statement = std::move(statement);
  return out;
}

std::string dump(const Plan& plan, const Environment& environment) {
  return std::visit(Overloaded{
                        [&](const Train& t) { return dump_train(t, environment); },
                        [&](const Predict& p) { return dump_predict(p, environment); },
                        [&](const Evaluate& p) { return dump_evaluate(p, environment); },
                        [&](const Explain& p) { return dump_explain(p, environment); },
                    },
                    plan);
}

}  // namespace quern::plan
