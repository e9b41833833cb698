// The head of PREDICT and its like.

#include "compiler/bind/model_use.h"

#include <set>

#include "base/similar.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"

namespace quern::binding {
namespace {

/// A label of the same kind as in training; numbers are alike.
void check_label_type(const ir::ModelUse& use, const Field& field, Diagnostics& errors) {
  const auto trained = use.manifest->label.type.kind;
  const auto now = field.type.kind;
  if (use.manifest->label.is_vector() && (now == TypeKind::list || now == TypeKind::text)) return;
  if (is_number(trained) ? is_number(now) : trained == now) return;
  errors.push_back({Code::column_retyped,
                    "label " + field.name + " was " + std::string(kind_name(trained)) +
                        " in training, the query returns " + field.type.sql_name,
                    use.query.span, "cast it in the query"});
}

}  // namespace

Result<ir::ModelUse> bind_model_use(const ast::Query& query, const ast::ModelName& model,
                                    Catalog& catalog) {
  QUERN_TRY(auto ref, to_model_ref(model, catalog.dialect()));
  QUERN_TRY(auto found, require_model(ref, catalog));
  QUERN_TRY(auto described, describe(query, catalog));
  return ir::ModelUse{.query = std::move(described),
                      .model = std::move(ref),
                      .version = found.version,
                      .manifest = std::move(found.manifest),
                      .payload_check = std::move(found.payload_check)};
}

namespace {

/// The columns of the query that answer to `inputs`.
std::vector<std::size_t> find_inputs(const ir::ModelUse& use, const std::vector<ir::Input>& inputs,
                                     Diagnostics& errors) {
  const auto& schema = use.query.description.schema;
  const ColumnIndex index(schema);
  std::vector<std::size_t> out;
  for (const auto& input : inputs) {
    auto column = index.find(input.name, use.query.span);
    if (!column) {
      auto error = column.errors().front();
      if (error.code == Code::unknown_column) {
        error.code = Code::column_missing_for_model;
        error.message = "the model needs column " + input.name + ", the query does not return it";
      }
      errors.push_back(std::move(error));
      continue;
    }
    const auto& field = schema[*column];
    if (!fits_input(input, field.type)) {
      errors.push_back({Code::column_retyped,
                        "column " + field.name + " was " + ir::kind_text(input) +
                            " in training, the query returns " + field.type.sql_name,
                        use.query.span, "cast it in the query"});
    }
    out.push_back(*column);
  }
  return out;
}

}  // namespace

void bind_inputs(ir::ModelUse& use, Diagnostics& errors) {
  use.input_columns = find_inputs(use, use.manifest->program.inputs, errors);
  use.margin_columns = find_inputs(use, use.manifest->base_margin, errors);
}

ColumnType typed(TypeKind kind, const Catalog& catalog) {
  ColumnType type{.kind = kind};
  type.sql_name = catalog.type_name(type);
  return type;
}

ColumnType list_of(const ColumnType& element, const Catalog& catalog) {
  ColumnType type{.kind = TypeKind::list, .element = std::make_shared<const ColumnType>(element)};
  type.sql_name = catalog.type_name(type);
  return type;
}

ColumnType prediction_type(const ir::Label& label, const Catalog& catalog) {
  if (label.is_vector()) return list_of(typed(TypeKind::float32, catalog), catalog);
  if (label.task == ir::Task::clusters) return typed(TypeKind::int32, catalog);
  return label.task == ir::Task::regression ? typed(TypeKind::float32, catalog) : label.type;
}

std::string_view distance_name(const ir::Label& label) {
  return label.task == ir::Task::clusters ? "distance" : "error";
}

std::optional<double> bind_threshold(const std::vector<ir::Setting>& settings,
                                     const std::string& name, const ir::Manifest& manifest,
                                     Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, name);
  if (setting == nullptr) return std::nullopt;
  if (manifest.label.task != ir::Task::binary) {
    errors.push_back({Code::attribute_conflict,
                      name + " is for two classes, the model predicts " +
                          std::string(ir::answer_words(ir::judged(manifest))),
                      setting->span});
  } else if (!ir::gives_probabilities(manifest)) {
    errors.push_back(
        {Code::attribute_conflict,
         name + " needs probabilities, objective " + manifest.objective + " gives none",
         setting->span});
  }
  return std::get<double>(setting->value);
}

std::vector<std::size_t> columns_beside(const Schema& schema, const std::string& result) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (!equal_ignoring_case(schema[i].name, result)) out.push_back(i);
  }
  return out;
}

Diagnostics check_additions(const Schema& output, std::size_t kept, SourceSpan span) {
  Diagnostics errors;
  std::set<std::string> names;
  for (std::size_t i = 0; i < output.size(); ++i) {
    if (names.insert(lower_ascii(output[i].name)).second || i < kept) continue;
    errors.push_back({Code::ambiguous_column,
                      "the result would have two columns with the name " + output[i].name, span,
                      "name the query's column otherwise with AS, or do not ask for the result's"});
  }
  return errors;
}

std::optional<std::size_t> bind_label(const ir::ModelUse& use,
                                      const std::optional<LabelName>& named, const std::string& who,
                                      const std::string& hint, Diagnostics& errors) {
  const auto& schema = use.query.description.schema;
  const auto name = named ? named->name : use.manifest->label.column;
  const auto column = find_column(schema, name, named ? named->span : use.query.span);
  if (column) {
    check_label_type(use, schema[*column], errors);
    return *column;
  }
  auto error = column.errors().front();
  if (!named && error.code == Code::unknown_column) {
    error = {Code::missing_label, who + " needs the label, the query does not return " + name,
             use.query.span, hint};
  }
  errors.push_back(std::move(error));
  return std::nullopt;
}

}  // namespace quern::binding
