// Models for C.

#include "api/model.hpp"

#include <algorithm>
#include <array>

#include "api/arrow.hpp"
#include "api/c_abi/problems.h"
#include "api/c_abi/session.h"
#include "base/similar.h"

using namespace quern;
using namespace quern::c_abi;

struct quern_model {
  Model model;
  std::vector<std::string> names = {};    ///< of the columns
  std::vector<std::string> classes = {};  ///< as C has them
};

namespace {

/// Rows of up to so many columns need no memory of their own.
constexpr std::size_t kFewColumns = 64;

quern_model* make(Model model) {
  auto out = std::make_unique<quern_model>(quern_model{std::move(model)});
  for (const auto& column : out->model.columns()) out->names.push_back(c_text(column.name));
  for (const auto& name : out->model.classes()) out->classes.push_back(c_text(name));
  return out.release();
}

Result<RowValue> value_of(const quern_value& value) {
  const bool points = value.data != nullptr || value.count == 0;
  switch (value.kind) {
    case QUERN_VALUE_NULL: return RowValue();
    case QUERN_VALUE_NUMBER: return RowValue(value.number);
    case QUERN_VALUE_TEXT:
      if (points)
        return RowValue(std::string_view(static_cast<const char*>(value.data), value.count));
      break;
    case QUERN_VALUE_LIST:
      if (points)
        return RowValue(
            std::span<const double>(static_cast<const double*>(value.data), value.count));
      break;
    default: break;
  }
  return Diagnostic{Code::bad_model_call,
                    "a value of a row is of no kind that there is, or has no data"};
}

Result<void> predict_row(const Model& model, std::span<const quern_value> row,
                         std::span<float> out) {
  std::array<RowValue, kFewColumns> few;
  std::vector<RowValue> many(row.size() > few.size() ? row.size() : 0);
  const auto values = many.empty() ? std::span(few).first(row.size()) : std::span(many);
  for (std::size_t i = 0; i < row.size(); ++i) {
    QUERN_TRY(values[i], value_of(row[i]));
  }
  return model.predict_row(values, out);
}

/// Both, or neither.
Result<void> hand_out(const Schema& schema, const ColumnBatch& batch, ArrowSchema& out_schema,
                      ArrowArray& out) {
  QUERN_CHECK(export_schema(schema, out_schema));
  auto done = export_batch(batch, out);
  if (!done) out_schema.release(&out_schema);
  return done;
}

}  // namespace

int quern_model_open(quern_session* session, const char* name, quern_model** model,
                     quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (model == nullptr) return missing("the model");
    *model = nullptr;
    if (session == nullptr) return missing("the session");
    if (name == nullptr) return missing("the model's name");
    QUERN_TRY(auto read, session->session.model(name));
    *model = make(std::move(read));
    return {};
  });
}

int quern_model_from_file(const char* path, quern_model** model, quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (model == nullptr) return missing("the model");
    *model = nullptr;
    if (path == nullptr) return missing("the path");
    QUERN_TRY(auto read, Model::from_file(path));
    *model = make(std::move(read));
    return {};
  });
}

void quern_model_free(quern_model* model) { delete model; }

size_t quern_model_columns(const quern_model* model) {
  return model == nullptr ? 0 : model->names.size();
}
const char* quern_model_column_name(const quern_model* model, size_t column) {
  return column < quern_model_columns(model) ? model->names[column].c_str() : nullptr;
}
const char* quern_model_column_kind(const quern_model* model, size_t column) {
  if (column >= quern_model_columns(model)) return nullptr;
  return kind_name(model->model.columns()[column].kind).data();  // of a literal
}
int32_t quern_model_column_elements(const quern_model* model, size_t column) {
  return column < quern_model_columns(model) ? model->model.columns()[column].elements : 0;
}
size_t quern_model_classes(const quern_model* model) {
  return model == nullptr ? 0 : model->classes.size();
}
const char* quern_model_class_name(const quern_model* model, size_t index) {
  return index < quern_model_classes(model) ? model->classes[index].c_str() : nullptr;
}
size_t quern_model_outputs(const quern_model* model) {
  return model == nullptr ? 0 : model->model.outputs();
}

int quern_model_predict_row(const quern_model* model, const quern_value* row, size_t columns,
                            float* out, size_t outputs, quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (model == nullptr) return missing("the model");
    if ((row == nullptr && columns > 0) || out == nullptr)
      return missing("the row or what it is answered with");
    return predict_row(model->model, {row, columns}, {out, outputs});
  });
}

size_t quern_model_class_of(const quern_model* model, const float* out, size_t outputs) {
  const bool fits = model != nullptr && out != nullptr && !model->classes.empty() &&
                    outputs >= model->model.outputs();
  return fits ? model->model.class_of({out, outputs}) : 0;
}

int quern_model_predict(const quern_model* model, const struct ArrowSchema* schema,
                        const struct ArrowArray* rows, struct ArrowSchema* out_schema,
                        struct ArrowArray* out, quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (model == nullptr) return missing("the model");
    if (schema == nullptr || rows == nullptr) return missing("the rows or their schema");
    if (out_schema == nullptr || out == nullptr) return missing("what the rows are answered with");
    const auto& columns = model->model.columns();
    const auto wanted = [&](std::string_view name) {
      return std::any_of(columns.begin(), columns.end(),
                         [&](const auto& c) { return equal_ignoring_case(c.name, name); });
    };
    QUERN_TRY(const auto in, import_batch(*schema, *rows, wanted));
    QUERN_TRY(const auto answers, model->model.predict(in.schema, in.batch));
    return hand_out(model->model.output(), answers, *out_schema, *out);
  });
}
