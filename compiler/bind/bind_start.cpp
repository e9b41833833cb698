// Binding of TO TRAIN ... USING m: the features, label and objective must be those of m.

#include <map>
#include <set>

#include "base/similar.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/ir/label_vector.h"

namespace quern::binding {
namespace {

void conflict(std::string message, SourceSpan span, Diagnostics& errors, std::string hint = {}) {
  errors.push_back({Code::attribute_conflict, std::move(message), span, std::move(hint)});
}

/// Puts the columns in the order of the model's inputs; the program becomes the model's own.
void take_program(ir::Train& out, const ir::Manifest& model, Diagnostics& errors) {
  const auto& mine = out.program.inputs;
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < mine.size(); ++i) places.emplace(mine[i].name, i);
  std::set<std::string_view> known;
  std::vector<std::size_t> columns;
  for (const auto& input : model.program.inputs) {
    known.insert(input.name);
    const auto place = places.find(input.name);
    if (place == places.end()) {
      errors.push_back({Code::column_missing_for_model,
                        "the model has feature " + input.name + ", this training has not",
                        out.start->model.span, "features must be the same to go on from a model"});
      continue;
    }
    const auto& now = mine[place->second];
    if (!fits_input(input, {.kind = now.kind, .size = now.elements})) {
      errors.push_back({Code::column_retyped,
                        "column " + input.name + " was " + ir::kind_text(input) +
                            " in the model, now it is " + ir::kind_text(now),
                        out.start->model.span, "cast it in the query"});
    }
    columns.push_back(out.input_columns[place->second]);
  }
  for (const auto& input : mine) {
    if (known.contains(input.name)) continue;
    conflict("the model has no feature " + input.name, out.start->model.span, errors,
             "name the model's features with COLUMN");
  }
  if (ir::has_functions(out.program) && !ir::same_functions(out.program, model.program)) {
    conflict("the features of the model are made by other functions", out.start->model.span, errors,
             "write COLUMN as the model has it, which SHOW TRAIN shows, or without functions");
  }
  out.program = model.program;
  out.input_columns = std::move(columns);
}

void take_objective(ir::Train& out, const ir::Manifest& model, Diagnostics& errors) {
  if (!out.estimator->needs_label()) return;  // it has one objective, whatever the model
  if (out.objective != nullptr && out.objective->name != model.objective) {
    conflict("the model minimises " + model.objective + ", not " + std::string(out.objective->name),
             out.objective_span, errors, "leave out the objective");
  }
  const bool number = model.label.task == ir::Task::regression;
  const auto role = out.estimator->label_role;
  if (role != ir::LabelRole::by_data && (role == ir::LabelRole::number) != number) {
    conflict("the model predicts " + std::string(number ? "a number, " : "a class, ") +
                 out.estimator->name + (number ? " a class" : " a number"),
             out.estimator_span, errors);
  }
  out.objective = ir::find_objective(model.objective);
  if (out.objective == nullptr) {
    conflict("nothing trains a model of objective " + model.objective, out.start->model.span,
             errors);
  }
  out.label_role = number ? ir::LabelRole::number : ir::LabelRole::classes;
  const bool two = model.label.classes.size() == 2;
  if (two && !out.positive_class) out.positive_class = model.label.classes.back();
}

/// As stored with the model; models of version 0.1 have the estimator's.
std::string booster_of(const ir::Manifest& model) {
  for (const auto& [name, value] : model.attributes) {
    if (name == "booster") return value;
  }
  const auto* estimator = ir::find_estimator(model.estimator);
  return estimator == nullptr ? "" : estimator->booster;
}

/// Trees that were grown on base margins are worth nothing without them.
void check_same_margins(const ir::Train& out, const ir::Manifest& model, Diagnostics& errors) {
  const auto& schema = out.query.description.schema;
  const auto& mine = out.extras.base_margin;
  const bool same = std::equal(mine.begin(), mine.end(), model.base_margin.begin(),
                               model.base_margin.end(), [&](auto column, const ir::Input& input) {
                                 return equal_ignoring_case(schema[column].name, input.name);
                               });
  if (same) return;
  std::string names;
  for (const auto& input : model.base_margin) names += (names.empty() ? "" : ", ") + input.name;
  conflict(
      names.empty() ? "the model has no base margin" : "the base margin of the model is " + names,
      out.start->model.span, errors, names.empty() ? "" : "add base_margin = [" + names + "]");
}

void check_same_kind(const ir::Train& out, const ir::Manifest& model, Diagnostics& errors) {
  if (booster_of(model) != out.booster) {
    conflict("the model was trained by " + model.estimator + ", which " + out.estimator->name +
                 " cannot go on from",
             out.estimator_span, errors);
  }
  if (out.label_column && !model.label.is_unlabelled()) {
    const auto& label = out.query.description.schema[*out.label_column];
    const bool alike =
        model.label.is_vector()
            ? ir::has_vector_label(out) && ir::label_width(out) == model.label.width()
            : same_family(model.label.type.kind, label.type.kind);
    if (!equal_ignoring_case(label.name, model.label.column) || !alike) {
      conflict("the label of the model is " + model.label.column + " " + model.label.type.sql_name,
               out.label_span, errors);
    }
  }
  check_same_margins(out, model, errors);
  if (const auto* setting = ir::find_setting(out.settings, "base_score")) {
    conflict("attribute base_score has no effect when training goes on from a model", setting->span,
             errors, "leave it out");
  }
}

}  // namespace

void bind_start(ir::Train& out, const ast::Train& train, Catalog& catalog, Diagnostics& errors) {
  if (!train.start || !errors.empty()) return;
  auto ref = to_model_ref(*train.start, catalog.dialect());
  if (!ref) return append(errors, ref.errors());
  auto found = require_model(*ref, catalog);
  if (!found) return append(errors, found.errors());
  out.start = ir::Start{*std::move(ref), found->version, found->manifest, found->payload_check};
  const auto& model = *out.start->manifest;
  check_same_kind(out, model, errors);
  take_objective(out, model, errors);
  take_program(out, model, errors);
}

}  // namespace quern::binding
