// The planner.

#include "compiler/plan/plan.h"

#include <algorithm>

#include "compiler/ir/constraints.h"
#include "compiler/plan/row_shape.h"
#include "compiler/plan/used_columns.h"

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

/// Below 1 the library would not say which parameters it leaves unused.
void add_verbosity(Parameters& out, const std::vector<ir::Setting>& settings) {
  const auto* setting = ir::find_setting(settings, "verbosity");
  if (setting == nullptr || std::get<std::int64_t>(setting->value) < 2) return;
  out.emplace_back("verbosity", ir::format_attribute(setting->value));
}

/// Of a network, under their own names: the engine gets them in another form.
Parameters network_parameters(const ir::Train& statement) {
  Parameters out;
  for (const auto& setting : statement.settings) {
    if (setting.spec->owner == ir::Owner::engine && !setting.search)
      out.emplace_back(setting.spec->name, ir::format_attribute(setting.value));
  }
  const bool draws = ir::find_attribute(statement.estimator->attributes(), "seed") != nullptr;
  if (draws) add_default(out, "seed", "0");
  return out;
}

void size_pages(Train& plan) {
  const auto features = plan.statement.program.features.size();
  plan.page_rows = page_rows(features);
  const auto columns = row_columns(row_shape(plan.statement), static_cast<std::int64_t>(features));
  plan.bytes_per_row = columns * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace

std::int64_t page_rows(std::size_t features) {
  constexpr std::int64_t kPageBytes = 16 << 20;
  const auto row_bytes = static_cast<std::int64_t>(features * sizeof(float));
  return std::clamp<std::int64_t>(kPageBytes / std::max<std::int64_t>(row_bytes, 1), 2048, 65536);
}

Parameters engine_parameters(const ir::Train& statement) {
  if (statement.estimator->is_network()) return network_parameters(statement);
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
  out.statement.query.used = used_columns(out.statement);
  if (auto& validation = out.statement.validation) {
    auto& query = validation->query;
    query.used = used_columns(*validation, query.description.schema.size());
  }
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
  out.spool = target->read_by_query || (environment.one_connection && !target->elsewhere);
  return out;
}

Predict plan(ir::Predict statement, const Environment& environment) {
  Predict out;
  out.output = plan_output(statement.target, statement.output, environment);
  out.inside = environment.computes && statement.target && !statement.target->elsewhere;
  // A query that reads its target does so within the statement that writes.
  if (out.inside) out.output.spool = false;
  out.statement = std::move(statement);
  out.statement.use.query.used = used_columns(out.statement);
  return out;
}

Evaluate plan(ir::Evaluate statement, const Environment& environment) {
  Evaluate out;
  out.output = plan_output(statement.target, statement.output, environment);
  out.statement = std::move(statement);
  out.statement.use.query.used = used_columns(out.statement);
  return out;
}

Explain plan(ir::Explain statement, const Environment& environment) {
  Explain out;
  out.output = plan_output(statement.target, statement.output, environment);
  out.statement = std::move(statement);
  out.statement.use.query.used = used_columns(out.statement);
  return out;
}

}  // namespace quern::plan
