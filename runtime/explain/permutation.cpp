// All rows in memory, one feature shuffled at a time.

#include "runtime/explain/permutation.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "codegen/interpret/base_margins.h"
#include "codegen/interpret/features.h"
#include "codegen/ready_model.h"
#include "runtime/fit/label_encoder.h"
#include "runtime/metrics/metrics.h"
#include "runtime/pipeline/scan.h"

namespace quern::runtime {
namespace {

using codegen::Link;
using codegen::Model;

/// The rows in memory: a batch is a block of features, feature by feature.
struct Block {
  std::int64_t rows = 0;
  std::vector<float> features;
  std::vector<float> base;  ///< margins; empty: the model's own
};

struct Rows {
  std::int64_t count = 0;
  std::vector<Block> blocks;
  std::vector<double> labels;  ///< [rows]; row-major where a label has several numbers
};

Diagnostic too_many_rows(const ir::Explain& s) {
  return {Code::out_of_memory,
          "permutation holds all rows in memory, and memory_limit has no room for them",
          s.use.query.span, "take a part of them: `SELECT ... USING SAMPLE 100000`"};
}

Result<Rows> read_rows(const ir::Explain& s, Connection& connection, const Control& control) {
  Rows rows;
  const auto& manifest = *s.use.manifest;
  LabelEncoder labels(manifest.label,
                      query_labels(s.use.query.description.schema[*s.label_column].name));
  const codegen::FeatureInterpreter features(manifest.program, s.use.input_columns);
  std::int64_t held = 0;
  const auto take = [&](const ColumnBatch& batch) -> Result<void> {
    held += batch.rows * static_cast<std::int64_t>(ir::width(manifest.program)) * 4;
    if (held > control.memory.value_or(held)) return too_many_rows(s);
    auto& block = rows.blocks.emplace_back();
    block.rows = batch.rows;
    QUERN_CHECK(features.run_wide(batch, block.features));
    QUERN_TRY(block.base,
              codegen::read_base_margins(batch, s.use.margin_columns, manifest.base_margin));
    const auto before = rows.labels.size();
    rows.labels.resize(before + static_cast<std::size_t>(batch.rows) * labels.width());
    labels.add(batch.columns[*s.label_column], rows.labels.data() + before);
    return {};
  };
  QUERN_TRY(rows.count, scan(s.use.query, connection, Progress::Stage::scan, control, take));
  auto errors = labels.check();
  for (auto& error : errors) error.span = s.use.query.span;
  if (!errors.empty()) return errors;
  return rows;
}

double logistic(double margin) { return 1 / (1 + std::exp(-margin)); }

double class_probability(Link link, std::span<const float> margins, std::size_t of) {
  if (link == Link::shares) return margins[of];
  const double largest = *std::max_element(margins.begin(), margins.end());
  double sum = 0;
  for (const float m : margins) sum += std::exp(m - largest);
  return std::exp(margins[of] - largest) / sum;
}

/// The loss of one row: squared error (of several numbers their mean), surprise, or wrong class.
double row_loss(const ir::Label& label, Link link, std::span<float> margins,
                std::span<const double> truths) {
  const double truth = truths[0];
  if (label.task == ir::Task::multiclass)
    return surprise(class_probability(link, margins, static_cast<std::size_t>(truth)));
  if (label.task == ir::Task::regression) {
    codegen::apply_link(link, static_cast<std::int32_t>(margins.size()), margins);
    double sum = 0;
    for (std::size_t k = 0; k < truths.size(); ++k)
      sum += (margins[k] - truths[k]) * (margins[k] - truths[k]);
    return sum / static_cast<double>(truths.size());
  }
  if (link == Link::hinge) return (margins[0] > 0) == (truth == 1) ? 0 : 1;
  const double p = link == Link::shares ? margins[0] : logistic(margins[0]);
  return surprise(truth == 1 ? p : 1 - p);
}

/// The loss over all rows.
Result<double> loss(const ir::Label& label, const codegen::ReadyModel& model, const Rows& rows,
                    const Control& control) {
  const auto& shape = model.shape();
  const auto width = static_cast<std::size_t>(shape.outputs);
  const auto of_label = static_cast<std::size_t>(label.width());
  double sum = 0;
  std::size_t at = 0;
  std::vector<float> margins;
  for (const auto& block : rows.blocks) {
    if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    margins.resize(static_cast<std::size_t>(block.rows) * width);
    model.score({block.features.data(), block.rows, shape.features, 1, block.rows}, margins,
                block.base);
    for (std::size_t r = 0; r < static_cast<std::size_t>(block.rows); ++r) {
      const auto row = std::span(margins).subspan(r * width, width);
      sum += row_loss(label, shape.link, row, std::span(rows.labels).subspan(at, of_label));
      at += of_label;
    }
  }
  const double mean = sum / static_cast<double>(rows.count);
  return label.task == ir::Task::regression ? std::sqrt(mean) : mean;
}

/// One feature's values of all rows, in order.
std::vector<float> take_feature(const Rows& rows, std::size_t feature) {
  std::vector<float> values;
  for (const auto& block : rows.blocks) {
    const auto begin = block.features.begin() + static_cast<std::ptrdiff_t>(feature) * block.rows;
    values.insert(values.end(), begin, begin + block.rows);
  }
  return values;
}

void put_feature(Rows& rows, std::size_t feature, const std::vector<float>& values) {
  auto from = values.begin();
  for (auto& block : rows.blocks) {
    std::copy(from, from + block.rows,
              block.features.begin() + static_cast<std::ptrdiff_t>(feature) * block.rows);
    from += block.rows;
  }
}

/// Fisher-Yates on raw random numbers: the same order with every standard library.
void shuffle(std::vector<float>& values, std::mt19937_64& random) {
  for (std::size_t left = values.size(); left > 1; --left)
    std::swap(values[left - 1], values[random() % left]);
}

Shuffled summarise(const std::vector<double>& increases) {
  Shuffled out;
  const auto count = static_cast<double>(increases.size());
  for (const double v : increases) out.mean += v / count;
  for (const double v : increases) out.deviation += (v - out.mean) * (v - out.mean) / count;
  out.deviation = std::sqrt(out.deviation);
  return out;
}

}  // namespace

Diagnostic no_rows(const ir::Explain& statement) {
  return {Code::no_rows, "the query returned no rows: there is nothing to explain",
          statement.use.query.span};
}

Result<std::vector<Shuffled>> permutation_importances(const ir::Explain& s, const Model& model,
                                                      Connection& connection,
                                                      const Control& control) {
  QUERN_TRY(auto rows, read_rows(s, connection, control));
  if (rows.count == 0) return no_rows(s);
  const auto& label = s.use.manifest->label;
  const codegen::ReadyModel ready(model, control.scoring.kernel);
  QUERN_TRY(const double before, loss(label, ready, rows, control));
  std::mt19937_64 random(static_cast<std::uint64_t>(s.seed));
  std::vector<Shuffled> out;
  for (std::size_t f = 0; f < ir::width(s.use.manifest->program); ++f) {
    const auto values = take_feature(rows, f);
    auto shuffled = values;
    std::vector<double> increases;
    for (int repeat = 0; repeat < s.repeats; ++repeat) {
      shuffle(shuffled, random);
      put_feature(rows, f, shuffled);
      QUERN_TRY(const double after, loss(label, ready, rows, control));
      increases.push_back(after - before);
    }
    put_feature(rows, f, values);
    out.push_back(summarise(increases));
  }
  return out;
}

}  // namespace quern::runtime
