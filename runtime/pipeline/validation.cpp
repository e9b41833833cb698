// One pass over the validation rows.

#include "runtime/pipeline/validation.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/format.h"
#include "codegen/interpret/features.h"
#include "runtime/fit/class_weight.h"
#include "runtime/fit/extras_collector.h"
#include "runtime/fit/label_encoder.h"
#include "runtime/pipeline/read_ahead.h"

namespace quern::runtime {
namespace {

/// The query stands in a string: positions in it are none in the script.
Diagnostics at_attribute(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) {
    if (error.code != Code::cancelled) error.span = span;
    error.message = "validation.select: " + error.message;
  }
  return errors;
}

plan::RowShape shape_of(const ir::RowExtras& extras, bool weighted, const Fitted& fitted) {
  auto shape = plan::row_shape(extras, weighted, false);
  shape.sparse = fitted.program.groups.size();
  shape.labels = fitted.label.width();
  return shape;
}

class Reader {
 public:
  Reader(const plan::Train& plan, const Fitted& fitted)
      : validation_(*plan.statement.validation),
        features_(fitted.program, validation_.input_columns),
        extras_(validation_.extras, validation_.query.description.schema,
                validation_.label_column.value_or(0)),
        pages_(std::make_unique<PageStore>(
            static_cast<std::int32_t>(fitted.program.features.size()), plan.page_rows,
            shape_of(validation_.extras, is_weighted(fitted), fitted))),
        factors_(fitted.class_factors),
        hidden_(static_cast<std::int32_t>(fitted.program.features.size() -
                                          ir::dense_width(fitted.program))) {
    if (validation_.label_column) labels_.emplace(fitted.label, source(fitted));
  }

  void keep_in_memory(std::int64_t bytes) { pages_->keep_in_memory(bytes); }

  Result<void> add(const ColumnBatch& batch) {
    const auto slot = pages_->reserve(batch.rows);
    QUERN_CHECK(features_.run(batch, slot.features, slot.stride));
    QUERN_CHECK(features_.run_groups(batch, slot.features, slot.stride, *slot.sparse));
    for (std::int32_t f = 0; f < pages_->features(); ++f) {
      const auto* values = slot.features + f * slot.stride;
      infinite_ +=
          std::count_if(values, values + batch.rows, [](float v) { return std::isinf(v); });
    }
    add_labels(batch, slot.labels, slot.stride);
    if (slot.weights != nullptr) {
      add_weights(batch, slot.weights);
      apply_class_factors(factors_, slot.labels, slot.weights, batch.rows);
    }
    extras_.add(batch, slot);
    return {};
  }

  Result<std::unique_ptr<PageStore>> finish() {
    if (pages_->rows() == 0) return Diagnostic{Code::no_rows, "the query returned no rows"};
    auto errors = labels_ ? labels_->check() : Diagnostics();
    if (infinite_ > 0) {
      errors.push_back({Code::infinite_value, "a feature is infinite, or beyond float32: " +
                                                  counted(infinite_, "value")});
    }
    if (bad_weights_ > 0) {
      errors.push_back({Code::bad_weight, "a weight is a number from 0 up: it is not in " +
                                              counted(bad_weights_, "row")});
    }
    for (auto& error : extras_.check()) errors.push_back(std::move(error));
    if (!errors.empty()) return errors;
    pages_->hide(hidden_);
    return std::move(pages_);
  }

 private:
  static LabelSource source(const Fitted& fitted) {
    const auto& column = fitted.label.column;
    return {.column = column,
            .rows = "the validation rows",
            .domain = fitted.domain,
            .null_hint = "add `WHERE " + column + " IS NOT NULL` to validation.select",
            .unseen_hint = "select rows of every class for training"};
  }

  void add_labels(const ColumnBatch& batch, float* out, std::int64_t stride) {
    if (!labels_) {
      std::fill(out, out + batch.rows, 0.0F);
      return;
    }
    const auto width = labels_->width();
    std::vector<double> values(static_cast<std::size_t>(batch.rows) * width);
    labels_->add(batch.columns[*validation_.label_column], values.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto column = static_cast<std::int64_t>(i % width);
      out[column * stride + static_cast<std::int64_t>(i / width)] = static_cast<float>(values[i]);
    }
  }

  bool is_weighted(const Fitted& fitted) const {
    return validation_.weight_column.has_value() || !fitted.class_factors.empty();
  }

  void add_weights(const ColumnBatch& batch, float* out) {
    std::fill(out, out + batch.rows, 1.0F);
    if (!validation_.weight_column) return;
    codegen::numbers_to_float(batch.columns[*validation_.weight_column], out);
    bad_weights_ +=
        std::count_if(out, out + batch.rows, [](float v) { return !(v >= 0) || std::isinf(v); });
  }

  const ir::Validation& validation_;
  codegen::FeatureInterpreter features_;
  std::optional<LabelEncoder> labels_;
  ExtrasCollector extras_;
  std::unique_ptr<PageStore> pages_;
  const std::vector<float>& factors_;
  std::int32_t hidden_;
  std::int64_t infinite_ = 0;
  std::int64_t bad_weights_ = 0;
};

Result<std::unique_ptr<PageStore>> read(const plan::Train& plan, const Fitted& fitted,
                                        Connection& connection, const Control& control) {
  const auto& query = plan.statement.validation->query;
  QUERN_TRY(auto execution, connection.fetch(query.text, query.used));
  Reader reader(plan, fitted);
  if (control.memory) reader.keep_in_memory(*share_of(control.memory, 1, 3));
  ReadAhead rows(execution, control.on_note);
  while (true) {
    if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    ColumnBatch batch;
    QUERN_TRY(const bool more, rows.next(batch));
    if (!more) return reader.finish();
    QUERN_CHECK(reader.add(batch));
  }
}

}  // namespace

Result<std::unique_ptr<PageStore>> read_validation(const plan::Train& plan, const Fitted& fitted,
                                                   Connection& connection, const Control& control) {
  auto pages = read(plan, fitted, connection, control);
  if (!pages) return at_attribute(std::move(pages).errors(), plan.statement.validation->query.span);
  return pages;
}

}  // namespace quern::runtime
