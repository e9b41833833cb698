// Rows in columns, scored by the kernels of TO PREDICT.

#include <new>

#include "api/model_impl.h"
#include "base/column_builder.h"
#include "base/similar.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/ir/manifest.h"

namespace quern {
namespace {

/// The model's columns among those that are there, in the model's order.
Result<ColumnBatch> chosen(const std::vector<ir::Input>& columns, const Schema& schema,
                           const ColumnBatch& rows) {
  const binding::ColumnIndex index(schema);
  std::vector<std::string> names;
  for (const auto& field : schema) names.push_back(field.name);
  ColumnBatch out{.rows = rows.rows, .columns = {}};
  for (const auto& column : columns) {
    const auto found = index.find(column.name, SourceSpan::none());
    if (!found) {
      return Diagnostic{Code::column_missing_for_model, "the model needs column " + column.name,
                        SourceSpan::none(),
                        suggest(column.name, names, "there are " + binding::listed_names(schema))};
    }
    const auto& type = schema[*found].type;
    if (!binding::fits_input(column, type)) {
      return Diagnostic{Code::column_retyped, "column " + column.name + " was " +
                                                  ir::kind_text(column) + " in training, it is " +
                                                  std::string(kind_name(type.kind)) + " here"};
    }
    out.columns.push_back(rows.columns[*found]);
  }
  return out;
}

Column floats(std::vector<float> values) {
  const auto length = static_cast<std::int64_t>(values.size());
  return {.type = {.kind = TypeKind::float32},
          .length = length,
          .values = Buffer::own(std::move(values))};
}

ColumnType list_of_floats() {
  return {.kind = TypeKind::list,
          .element = std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::float32})};
}

/// Rows of so many numbers each.
Column as_lists(Column numbers, std::int64_t rows, std::size_t width) {
  std::vector<std::int32_t> offsets;
  for (std::int64_t r = 0; r <= rows; ++r)
    offsets.push_back(static_cast<std::int32_t>(r * static_cast<std::int64_t>(width)));
  return {.type = list_of_floats(),
          .length = rows,
          .offsets = Buffer::own(std::move(offsets)),
          .elements = std::make_shared<const Column>(std::move(numbers))};
}

std::string class_column(const std::string& name) { return "probability_" + name; }

}  // namespace

Result<std::shared_ptr<const runtime::PreparedModel>> Model::Impl::prepared() const {
  const std::scoped_lock lock(preparing_);
  if (prepared_ == nullptr) {
    QUERN_TRY(prepared_, runtime::PreparedModel::make(manifest_, payload_, {}));
    payload_ = {};
  }
  return prepared_;
}

Result<ColumnBatch> Model::Impl::predict(const Schema& schema, const ColumnBatch& rows) const {
  QUERN_TRY(const auto model, prepared());
  QUERN_TRY(const auto batch, chosen(model->columns(), schema, rows));
  std::vector<float> answers;
  QUERN_CHECK(model->score(batch, answers));
  const auto& outcomes = model->outcomes();
  ColumnBatch out{.rows = rows.rows, .columns = {}};
  if (outcomes.is_number()) {
    auto column = floats(std::move(answers));
    out.columns.push_back(manifest_->label.is_vector()
                              ? as_lists(std::move(column), rows.rows, outcomes.width())
                              : std::move(column));
    return out;
  }
  const auto count = static_cast<std::size_t>(rows.rows);
  ColumnBuilder called({.kind = TypeKind::text});
  for (std::size_t r = 0; r < count; ++r)
    called.append_text(classes_[outcomes.class_of(outcomes.row(answers, r))]);
  out.columns.push_back(called.finish());
  if (!outcomes.has_probabilities()) return out;
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    std::vector<float> values(count);
    for (std::size_t r = 0; r < count; ++r)
      values[r] = outcomes.probability(outcomes.row(answers, r), c);
    out.columns.push_back(floats(std::move(values)));
  }
  return out;
}

Schema Model::Impl::output() const {
  if (manifest_->label.is_vector()) return {{"predicted", list_of_floats()}};
  const auto kind = outcomes_.is_number() ? TypeKind::float32 : TypeKind::text;
  Schema out{{"predicted", {.kind = kind}}};
  if (outcomes_.is_number() || !outcomes_.has_probabilities()) return out;
  for (const auto& name : classes_)
    out.push_back({class_column(name), {.kind = TypeKind::float32}});
  return out;
}

Result<ColumnBatch> Model::predict(const Schema& schema, const ColumnBatch& rows) const noexcept {
  try {
    return impl_->predict(schema, rows);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while predicting rows"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

Schema Model::output() const { return impl_->output(); }

}  // namespace quern
