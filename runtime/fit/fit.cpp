// The one pass.

#include "runtime/fit/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/format.h"

namespace quern::runtime {

Fitter::Fitter(const plan::Train& plan)
    : plan_(plan),
      pages_(std::make_unique<PageStore>(
          static_cast<std::int32_t>(plan.statement.program.features.size()), plan.page_rows,
          plan.statement.weight_column.has_value())),
      label_(plan.statement),
      dictionaries_(plan.statement.program.features.size()),
      infinite_(plan.statement.program.features.size()) {}

void Fitter::add(const ColumnBatch& batch) {
  const auto& statement = plan_.statement;
  const auto slot = pages_->reserve(batch.rows);
  for (std::size_t f = 0; f < statement.program.features.size(); ++f) {
    const auto input = statement.program.features[f].input;
    add_feature(f, batch.columns[statement.input_columns[input]],
                slot.features + static_cast<std::int64_t>(f) * slot.stride);
  }
  label_.add(batch.columns[statement.label_column], slot.labels, *pages_);
  if (statement.weight_column) add_weights(batch.columns[*statement.weight_column], slot.weights);
}

void Fitter::add_feature(std::size_t f, const Column& column, float* out) {
  if (plan_.statement.program.features[f].is_category()) return add_category(f, column, out);
  codegen::numbers_to_float(column, out);
  infinite_[f] += std::count_if(out, out + column.length, [](float v) { return std::isinf(v); });
}

void Fitter::add_category(std::size_t f, const Column& column, float* out) {
  for (std::int64_t i = 0; i < column.length; ++i) {
    // Rows behind the current one must not look like codes when hashing starts in mid-batch.
    out[i] = std::numeric_limits<float>::quiet_NaN();
  }
  for (std::int64_t i = 0; i < column.length; ++i) {
    if (!column.is_null(i)) out[i] = code_of(f, column.text(i));
  }
}

float Fitter::code_of(std::size_t f, std::string_view value) {
  auto& dictionary = dictionaries_[f];
  if (!dictionary.hashed) {
    const auto found = dictionary.codes.find(value);
    if (found != dictionary.codes.end()) return static_cast<float>(found->second);
    if (dictionary.values.size() < ir::kMaxVocabulary) {
      const auto code = static_cast<std::uint32_t>(dictionary.values.size());
      dictionary.codes.emplace(value, code);
      dictionary.values.emplace_back(value);
      return static_cast<float>(code);
    }
    start_hashing(f);
  }
  return static_cast<float>(ir::hash_bucket(value, ir::kHashBuckets));
}

namespace {

/// Replaces every code by map[code]; NULL stays.
void remap(float* values, std::int64_t rows, const std::vector<float>& map) {
  for (std::int64_t i = 0; i < rows; ++i) {
    if (!std::isnan(values[i])) values[i] = map[static_cast<std::size_t>(values[i])];
  }
}

}  // namespace

void Fitter::start_hashing(std::size_t f) {
  auto& dictionary = dictionaries_[f];
  std::vector<float> buckets;
  for (const auto& value : dictionary.values) {
    buckets.push_back(static_cast<float>(ir::hash_bucket(value, ir::kHashBuckets)));
  }
  pages_->rewrite_feature(static_cast<std::int32_t>(f),
                          [&](float* values, std::int64_t rows) { remap(values, rows, buckets); });
  dictionary = {.hashed = true};
}

void Fitter::add_weights(const Column& column, float* out) {
  codegen::numbers_to_float(column, out);
  bad_weights_ +=
      std::count_if(out, out + column.length, [](float v) { return !(v >= 0) || std::isinf(v); });
  any_weight_ |= std::any_of(out, out + column.length, [](float v) { return v > 0; });
}

void Fitter::finish_category(std::size_t f, ir::Feature& feature) {
  auto& dictionary = dictionaries_[f];
  if (dictionary.hashed) {
    feature.transform = ir::HashedCategory{ir::kHashBuckets};
    return;
  }
  auto vocabulary = dictionary.values;
  std::sort(vocabulary.begin(), vocabulary.end());
  std::vector<float> final_code(vocabulary.size());
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    final_code[dictionary.codes.at(vocabulary[i])] = static_cast<float>(i);
  }
  pages_->rewrite_feature(static_cast<std::int32_t>(f), [&](float* values, std::int64_t rows) {
    remap(values, rows, final_code);
  });
  feature.transform = ir::Category{std::move(vocabulary)};
}

Diagnostics Fitter::check_values() const {
  Diagnostics errors;
  const auto& features = plan_.statement.program.features;
  for (std::size_t f = 0; f < features.size() && errors.size() < 9; ++f) {
    if (infinite_[f] == 0) continue;
    errors.push_back({Code::infinite_value,
                      "column " + features[f].name + " is infinite, or beyond float32, in " +
                          counted(infinite_[f], "row"),
                      plan_.statement.query.span,
                      "scale it, or use NULL where the value is not known"});
  }
  if (bad_weights_ > 0) {
    errors.push_back(
        {Code::bad_weight,
         "a weight is a number from 0 up: it is not in " + counted(bad_weights_, "row"),
         plan_.statement.weight_span});
  } else if (plan_.statement.weight_column && pages_->rows() > 0 && !any_weight_) {
    errors.push_back({Code::bad_weight,
                      "every row has the weight 0: there is nothing to learn from",
                      plan_.statement.weight_span});
  }
  return errors;
}

Result<Fitted> Fitter::finish() {
  Fitted out;
  auto label = label_.finish(*pages_, out.notes);
  Diagnostics errors = label ? Diagnostics{} : std::move(label).errors();
  const auto more = check_values();
  errors.insert(errors.end(), more.begin(), more.end());
  if (!errors.empty()) return errors;
  out.label = *std::move(label);
  out.objective = &label_.objective();
  out.program = plan_.statement.program;
  for (std::size_t f = 0; f < out.program.features.size(); ++f) {
    if (out.program.features[f].is_category()) finish_category(f, out.program.features[f]);
  }
  out.pages = std::move(pages_);
  return out;
}

}  // namespace quern::runtime
