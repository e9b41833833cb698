// Binding of validation.select: the same columns under the same names, in a query of its own.

#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"

namespace quern::binding {
namespace {

constexpr const char* kName = "validation.select";

/// The query stands in a string of the script: positions within it are none of the script's.
Result<ir::Query> describe_text(const std::string& text, SourceSpan span, Catalog& catalog) {
  auto description = catalog.describe(text);
  if (!description) {
    auto errors = std::move(description).errors();
    for (auto& error : errors) {
      error.span = span;
      error.message = std::string(kName) + ": " + error.message;
    }
    return errors;
  }
  if (!description->returns_rows) {
    return Diagnostic{Code::not_a_query, std::string(kName) + " returns no rows", span};
  }
  return ir::Query{text, span, *std::move(description)};
}

/// The column of the validation query that answers to one of the training query.
std::optional<std::size_t> counterpart(const Field& trained, const ir::Query& query,
                                       const ColumnIndex& index, Diagnostics& errors) {
  const auto& schema = query.description.schema;
  auto column = index.find(trained.name, query.span);
  if (!column) {
    for (auto error : column.errors()) {
      error.message = std::string(kName) + ": " + error.message;
      errors.push_back(std::move(error));
    }
    return std::nullopt;
  }
  const ir::Input input{trained.name, trained.type.kind, trained.type.size};
  if (fits_input(input, schema[*column].type)) return *column;
  errors.push_back({Code::column_retyped,
                    std::string(kName) + ": column " + trained.name + " is " +
                        trained.type.sql_name + " in training, here " +
                        schema[*column].type.sql_name,
                    query.span, "cast it in the query"});
  return std::nullopt;
}

void bind_extras(const ir::Train& out, ir::Validation& validation, const ColumnIndex& index,
                 Diagnostics& errors) {
  const auto& trained = out.query.description.schema;
  const auto& extras = out.extras;
  if (extras.group)
    validation.extras.group = counterpart(trained[*extras.group], validation.query, index, errors);
  for (const auto column : extras.base_margin) {
    if (const auto found = counterpart(trained[column], validation.query, index, errors))
      validation.extras.base_margin.push_back(*found);
  }
  if (!extras.upper_bound) return;
  validation.extras.upper_bound =
      counterpart(trained[*extras.upper_bound], validation.query, index, errors);
}

}  // namespace

void bind_validation(ir::Train& out, Catalog& catalog, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, kName);
  if (setting == nullptr || !errors.empty()) return;
  auto query = describe_text(std::get<std::string>(setting->value), setting->value_span, catalog);
  if (!query) return append(errors, query.errors());
  ir::Validation validation{.query = *std::move(query)};
  const auto& trained = out.query.description.schema;
  const ColumnIndex index(validation.query.description.schema);
  for (const auto c : out.input_columns) {
    if (const auto column = counterpart(trained[c], validation.query, index, errors)) {
      validation.input_columns.push_back(*column);
    }
  }
  if (out.label_column)
    validation.label_column =
        counterpart(trained[*out.label_column], validation.query, index, errors);
  if (out.weight_column)
    validation.weight_column =
        counterpart(trained[*out.weight_column], validation.query, index, errors);
  bind_extras(out, validation, index, errors);
  out.validation = std::move(validation);
}

}  // namespace quern::binding
