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

const ColumnType kNumber{.kind = TypeKind::float32};
const ColumnType kNumbers{.kind = TypeKind::list,
                          .element = std::make_shared<const ColumnType>(kNumber)};

/// A list of so many numbers for each row.
Column lists(const std::vector<float>& values, std::size_t width) {
  ColumnBuilder out(kNumbers);
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.elements().append_double(values[i]);
    if ((i + 1) % width == 0) out.end_list();
  }
  return out.finish();
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
    out.columns.push_back(floats(std::move(answers)));
    return out;
  }
  if (outcomes.is_vector()) {
    out.columns.push_back(lists(answers, outcomes.width()));
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
  if (outcomes_.is_vector()) return {{"predicted", kNumbers}};
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
