// The explainers that need no label: SHAP by row, its mean by feature, and what stands in the model
// itself.

#include "runtime/explain/explain.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <optional>

#include "base/column_builder.h"
#include "codegen/forest/importance.h"
#include "codegen/interpret/attributor.h"
#include "codegen/interpret/base_margins.h"
#include "codegen/interpret/features.h"
#include "runtime/explain/permutation.h"
#include "runtime/explain/summary.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/scalars.h"
#include "runtime/pipeline/scan.h"
#include "runtime/report/explain_page.h"
#include "runtime/report/report_file.h"

namespace quern::runtime {
namespace {

using codegen::Forest;
using codegen::Linear;
using codegen::Model;
using MaybePage = std::optional<StagedPage>;

std::vector<ColumnBuilder> builders(const Schema& schema) {
  std::vector<ColumnBuilder> out;
  for (const auto& field : schema) out.emplace_back(field.type);
  return out;
}

ColumnBatch finish(std::vector<ColumnBuilder>& columns) {
  ColumnBatch batch{.rows = columns.front().length()};
  for (auto& column : columns) batch.columns.push_back(column.finish());
  return batch;
}

/// Indices ordered by descending value; equals keep their order.
std::vector<std::size_t> descending(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
  return order;
}

/// Attributions are made of so many rows at a time, but of at least one: 16 MB of them.
constexpr std::size_t kValuesTogether = std::size_t{2} << 20U;
/// Rows after which a cancellation is looked for.
constexpr std::size_t kRowsTogether = 2048;

/// Attributions batch by batch.
class Attributions {
 public:
  /// \param page  hears of rows and attributions; null: there is none.
  Attributions(const ir::Explain& statement, const Model& model, codegen::Attributor& attributor,
               ExplainPage* page)
      : use_(statement.use),
        features_(statement.use.manifest->program, statement.use.input_columns),
        shape_(codegen::shape_of(model)),
        attributor_(attributor),
        page_(page) {}

  std::size_t outputs() const { return static_cast<std::size_t>(shape_.outputs); }
  std::size_t features() const { return static_cast<std::size_t>(shape_.features); }

  /// Calls take(values) for each row; values as of Attributor::width().
  template <typename Take>
  Result<void> each_row(const ColumnBatch& batch, const Control& control, Take take) {
    QUERN_TRY(const auto base,
              codegen::read_base_margins(batch, use_.margin_columns, use_.manifest->base_margin));
    QUERN_CHECK(features_.run_wide(batch, matrix_));
    if (page_ != nullptr) page_->add_rows(batch);
    const auto width = attributor_.width();
    const auto together = static_cast<std::int64_t>(
        std::clamp<std::size_t>(kValuesTogether / width, 1, kRowsTogether));
    for (std::int64_t begin = 0; begin < batch.rows; begin += together) {
      if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
      const auto rows = std::min(together, batch.rows - begin);
      values_.resize(static_cast<std::size_t>(rows) * width);
      const codegen::FeatureView view{matrix_.data() + begin, rows, shape_.features, 1, batch.rows};
      attributor_.explain(view, values_, margins_of(base, begin, rows));
      for (std::int64_t row = 0; row < rows; ++row) {
        const auto at = static_cast<std::size_t>(row) * width;
        const auto values = std::span<const double>(values_).subspan(at, width);
        take(values);
        if (page_ != nullptr) page_->add(values, view, row);
      }
    }
    return {};
  }

 private:
  codegen::BaseMargins margins_of(codegen::BaseMargins base, std::int64_t begin,
                                  std::int64_t rows) const {
    if (base.empty()) return base;
    return base.subspan(static_cast<std::size_t>(begin) * outputs(),
                        static_cast<std::size_t>(rows) * outputs());
  }

  const ir::ModelUse& use_;
  codegen::FeatureInterpreter features_;
  const codegen::ModelShape& shape_;
  codegen::Attributor& attributor_;
  ExplainPage* page_;
  std::vector<float> matrix_;
  std::vector<double> values_;
};

/// Whether a row of an answer opens with its output: the class, or the number's place from 1.
bool names_outputs(const ir::Label& label) {
  return label.task == ir::Task::multiclass || label.is_vector();
}

void append_output(ColumnBuilder& column, const ir::Label& label, std::size_t output) {
  if (label.is_vector()) return column.append_int(static_cast<std::int64_t>(output) + 1);
  append_scalar(column, label.classes[output], label.type);
}

/// One row for each row and output: [class or output,] a column a feature [, expected_value].
Result<std::int64_t> explain_rows(const ir::Explain& s, Attributions& attributions,
                                  Connection& connection, Sink& sink, const Control& control) {
  auto columns = builders(s.output);
  const auto& label = s.use.manifest->label;
  const bool named = names_outputs(label);
  const auto width = attributions.features() + 1;
  const auto add_row = [&](std::span<const double> values) {
    for (std::size_t o = 0; o < attributions.outputs(); ++o) {
      std::size_t c = 0;
      if (named) append_output(columns[c++], label, o);
      const auto shown = s.expected_value ? width : width - 1;
      for (const double v : values.subspan(o * width, shown)) columns[c++].append_double(v);
    }
  };
  std::int64_t written = 0;
  const auto take = [&](const ColumnBatch& batch) -> Result<void> {
    QUERN_CHECK(attributions.each_row(batch, control, add_row));
    auto out = finish(columns);
    written += out.rows;
    return sink.write(std::move(out));
  };
  QUERN_TRY([[maybe_unused]] const auto rows,
            scan(s.use.query, connection, Progress::Stage::explain, control, take));
  return written;
}

/// One row for each feature (and class): the mean of |SHAP|, the largest first.
Result<std::int64_t> explain_features(const ir::Explain& s, Attributions& attributions,
                                      Connection& connection, Sink& sink, const Control& control) {
  const auto features = attributions.features();
  std::vector<double> sums(attributions.outputs() * features);
  const auto add_row = [&](std::span<const double> values) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += std::abs(values[i + i / features]);
  };
  const auto take = [&](const ColumnBatch& batch) {
    return attributions.each_row(batch, control, add_row);
  };
  QUERN_TRY(const auto rows,
            scan(s.use.query, connection, Progress::Stage::explain, control, take));
  if (rows == 0) return no_rows(s);
  for (auto& sum : sums) sum /= static_cast<double>(rows);

  auto columns = builders(s.output);
  const auto& label = s.use.manifest->label;
  for (std::size_t o = 0; o < attributions.outputs(); ++o) {
    const auto of_output = std::span(sums).subspan(o * features, features);
    for (const auto f : descending(of_output)) {
      std::size_t c = 0;
      if (names_outputs(label)) append_output(columns[c++], label, o);
      columns[c++].append_text(ir::feature_name(s.use.manifest->program, f));
      columns[c++].append_double(of_output[f]);
    }
  }
  auto out = finish(columns);
  const auto written = out.rows;
  QUERN_CHECK(sink.write(std::move(out)));
  return written;
}

/// The sink's rows are its own once they are finished; then the page takes its place.
Result<std::int64_t> explain_shap(const ir::Explain& s, const Model& model, Connection& connection,
                                  Sink& sink, const Control& control, MaybePage& staged) {
  QUERN_TRY(auto attributor, codegen::Attributor::make(model, control.scoring.kernel));
  std::optional<ExplainPage> page;
  if (s.page) page.emplace(s, static_cast<std::size_t>(codegen::shape_of(model).outputs));
  Attributions attributions(s, model, attributor, page ? &*page : nullptr);
  auto written = s.local ? explain_rows(s, attributions, connection, sink, control)
                         : explain_features(s, attributions, connection, sink, control);
  if (!written || !page) return written;
  QUERN_TRY(auto file, StagedPage::write(*s.page, page->make()));
  staged.emplace(std::move(file));
  return written;
}

/// (feature, fscore, gain, cover) of the features that split, the largest gain first.
Result<std::int64_t> explain_splits(const ir::Explain& s, const Forest& forest, Sink& sink) {
  if (!forest.statistics) {
    return Diagnostic{Code::not_in_this_version,
                      "a forest whose file does not tell the gains of its splits has none to show",
                      SourceSpan::none(), "USING permutation asks the rows instead"};
  }
  const auto found = codegen::importances(forest);
  std::vector<double> gains;
  for (const auto& feature : found) gains.push_back(feature.gain);
  auto columns = builders(s.output);
  for (const auto f : descending(gains)) {
    if (found[f].splits == 0) continue;
    columns[0].append_text(ir::feature_name(s.use.manifest->program, f));
    columns[1].append_int(found[f].splits);
    columns[2].append_double(found[f].gain);
    columns[3].append_double(found[f].cover);
  }
  auto out = finish(columns);
  const auto written = out.rows;
  if (written > 0) QUERN_CHECK(sink.write(std::move(out)));
  return written;
}

/// ([class,] feature, weight), the largest size first in each class. The bias is no feature's.
Result<std::int64_t> explain_weights(const ir::Explain& s, const Linear& linear, Sink& sink) {
  auto columns = builders(s.output);
  const auto& label = s.use.manifest->label;
  for (std::int32_t o = 0; o < linear.outputs; ++o) {
    std::vector<double> sizes;
    for (std::int32_t f = 0; f < linear.features; ++f)
      sizes.push_back(std::abs(linear.weight(f, o)));
    for (const auto f : descending(sizes)) {
      std::size_t c = 0;
      if (label.task == ir::Task::multiclass)
        append_scalar(columns[c++], label.classes[static_cast<std::size_t>(o)], label.type);
      columns[c++].append_text(ir::feature_name(s.use.manifest->program, f));
      columns[c++].append_double(linear.weight(static_cast<std::int32_t>(f), o));
    }
  }
  auto out = finish(columns);
  const auto written = out.rows;
  QUERN_CHECK(sink.write(std::move(out)));
  return written;
}

Result<std::int64_t> explain_insides(const ir::Explain& s, const Model& model, Sink& sink) {
  const auto* linear = std::get_if<Linear>(&model);
  if (linear != nullptr) return explain_weights(s, *linear, sink);
  return explain_splits(s, std::get<Forest>(model), sink);
}

/// (feature, importance, deviation), the largest importance first.
Result<std::int64_t> explain_shuffles(const ir::Explain& s, const Model& model,
                                      Connection& connection, Sink& sink, const Control& control) {
  QUERN_TRY(const auto found, permutation_importances(s, model, connection, control));
  std::vector<double> means;
  for (const auto& feature : found) means.push_back(feature.mean);
  auto columns = builders(s.output);
  for (const auto f : descending(means)) {
    columns[0].append_text(ir::feature_name(s.use.manifest->program, f));
    columns[1].append_double(found[f].mean);
    columns[2].append_double(found[f].deviation);
  }
  QUERN_CHECK(sink.write(finish(columns)));
  return static_cast<std::int64_t>(found.size());
}

Result<std::int64_t> explain(const ir::Explain& s, Connection& connection, Sink& sink,
                             const Control& control, MaybePage& page) {
  if (s.explainer == ir::Explainer::summary) return explain_summary(s, connection, sink, control);
  QUERN_TRY(const auto model, open_model(s.use, connection, control.models));
  switch (s.explainer) {
    case ir::Explainer::shap: return explain_shap(s, model, connection, sink, control, page);
    case ir::Explainer::gain: return explain_insides(s, model, sink);
    case ir::Explainer::permutation: return explain_shuffles(s, model, connection, sink, control);
    case ir::Explainer::summary: return 0;  // above
  }
  return 0;
}

}  // namespace

Result<std::int64_t> run_explain(const plan::Explain& plan, Connection& connection, Sink& sink,
                                 const Control& control) {
  try {
    if (plan.statement.page) QUERN_CHECK(check_report_file(*plan.statement.page));
    MaybePage page;
    QUERN_TRY(const auto rows, explain(plan.statement, connection, sink, control, page));
    QUERN_CHECK(sink.finish());
    if (page) QUERN_CHECK(page->keep());
    return rows;
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while explaining",
                      plan.statement.use.query.span};
  }
}

}  // namespace quern::runtime
