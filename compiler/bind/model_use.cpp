// The head of PREDICT and its like.

#include "compiler/bind/model_use.h"

#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"

namespace quern::binding {
namespace {

/// A label of the same kind as in training; numbers are alike.
void check_label_type(const ir::ModelUse& use, const Field& field, Diagnostics& errors) {
  const auto trained = use.manifest->label.type.kind;
  const auto now = field.type.kind;
  if (is_number(trained) ? is_number(now) : trained == now) return;
  errors.push_back({Code::column_retyped,
                    "label " + field.name + " was " + std::string(kind_name(trained)) +
                        " in training, the query returns " + field.type.sql_name,
                    use.query.span, "cast it in the query"});
}

}  // namespace

Result<ir::ModelUse> bind_model_use(const ast::Query& query, const ast::ModelName& model,
                                    Catalog& catalog) {
  QUERN_TRY(auto ref, to_model_ref(model));
  QUERN_TRY(auto found, require_model(ref, catalog));
  QUERN_TRY(auto described, describe(query, catalog));
  return ir::ModelUse{.query = std::move(described),
                      .model = std::move(ref),
                      .version = found.version,
                      .manifest = std::move(found.manifest)};
}

void bind_inputs(ir::ModelUse& use, Diagnostics& errors) {
  const auto& schema = use.query.description.schema;
  for (const auto& input : use.manifest->program.inputs) {
    auto column = find_column(schema, input.name, use.query.span);
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
    if (!same_family(input.kind, field.type.kind)) {
      errors.push_back({Code::column_retyped,
                        "column " + field.name + " was " + std::string(kind_name(input.kind)) +
                            " in training, the query returns " + field.type.sql_name,
                        use.query.span, "cast it in the query"});
    }
    use.input_columns.push_back(*column);
  }
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
