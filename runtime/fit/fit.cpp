// The one pass.

#include "runtime/fit/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/format.h"
#include "runtime/fit/class_weight.h"
#include "runtime/fit/empty_columns.h"
#include "runtime/fit/settled_checks.h"

namespace quern::runtime {

namespace {

bool is_weighted(const ir::Train& statement) {
  return statement.weight_column || statement.class_weight;
}

}  // namespace

Fitter::Fitter(const plan::Train& plan)
    : plan_(plan),
      pages_(std::make_unique<PageStore>(
          static_cast<std::int32_t>(plan.statement.program.features.size()), plan.page_rows,
          row_shape(plan.statement.extras, is_weighted(plan.statement),
                    plan.statement.split.method != ir::SplitMethod::none))),
      label_(plan.statement),
      extras_(plan.statement.extras, plan.statement.query.description.schema,
              plan.statement.label_column),
      dictionaries_(plan.statement.program.features.size()),
      infinite_(plan.statement.program.features.size()),
      seen_(plan.statement.program.features.size()) {
  const auto& statement = plan.statement;
  if (statement.start) fix_dictionaries();
  const auto& split = statement.split;
  if (split.method != ir::SplitMethod::random && split.method != ir::SplitMethod::by_size) return;
  auto columns = statement.input_columns;
  columns.push_back(statement.label_column);
  const auto key = split.key ? split.key : statement.extras.group;
  if (key) columns = {*key};
  row_split_.emplace(std::move(columns), split.seed, split.eval, key.has_value());
}

void Fitter::fix_dictionaries() {
  for (std::size_t f = 0; f < dictionaries_.size(); ++f) {
    auto& dictionary = dictionaries_[f];
    const auto& transform = plan_.statement.program.features[f].transform;
    dictionary.fixed = true;
    dictionary.hashed = std::holds_alternative<ir::HashedCategory>(transform);
    const auto* category = std::get_if<ir::Category>(&transform);
    if (category == nullptr) continue;
    dictionary.values = category->vocabulary;
    for (const auto& value : dictionary.values) {
      dictionary.codes.emplace(value, static_cast<std::uint32_t>(dictionary.codes.size()));
    }
  }
}

void Fitter::add(const ColumnBatch& batch) {
  const auto& statement = plan_.statement;
  const auto slot = pages_->reserve(batch.rows);
  codegen::PlainFeatures plain;
  for (std::size_t f = 0; f < statement.program.features.size(); ++f) {
    const auto input = statement.program.features[f].input;
    float* to = slot.features + static_cast<std::int64_t>(f) * slot.stride;
    add_feature(f, batch.columns[statement.input_columns[input]], plain, to);
    if (!seen_[f]) seen_[f] = has_value(to, batch.rows);
  }
  label_.add(batch.columns[statement.label_column], slot.labels, *pages_);
  if (statement.weight_column) add_weights(batch.columns[*statement.weight_column], slot.weights);
  if (slot.weights != nullptr && !statement.weight_column)
    std::fill(slot.weights, slot.weights + batch.rows, 1.0F);
  extras_.add(batch, slot);
  if (row_split_) row_split_->assign(batch, slot.marks);
}

void Fitter::add_feature(std::size_t f, const Column& column, codegen::PlainFeatures& plain,
                         float* out) {
  const auto& feature = plan_.statement.program.features[f];
  if (feature.is_category()) return add_category(f, column, out);
  plain.run(feature, column, out);
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
    if (dictionary.fixed) {
      if (dictionary.unseen++ == 0) dictionary.first_unseen = value;
      return static_cast<float>(dictionary.values.size());
    }
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
  if (dictionary.fixed) return;
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
    const bool date = std::holds_alternative<ir::DatePart>(features[f].transform);
    const auto& inputs = plan_.statement.program.inputs;
    errors.push_back({Code::infinite_value,
                      "column " + (date ? inputs[features[f].input].name : features[f].name) +
                          " is infinite, or beyond float32, in " + counted(infinite_[f], "row"),
                      plan_.statement.query.span,
                      "scale it, or use NULL where the value is not known"});
  }
  for (std::size_t f = 0; f < features.size() && errors.size() < 9; ++f) {
    const auto& dictionary = dictionaries_[f];
    if (dictionary.unseen == 0) continue;
    errors.push_back({Code::class_unseen,
                      "the model does not know a category of " + features[f].name + ", first " +
                          dictionary.first_unseen + ", in " + counted(dictionary.unseen, "row"),
                      plan_.statement.start->model.span, "train a new model: leave out USING"});
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
  Diagnostics errors;
  if (!label) errors = label.errors();
  const auto more = check_values();
  errors.insert(errors.end(), more.begin(), more.end());
  for (auto& error : extras_.check()) {
    error.span = span_of_extra(plan_.statement, error.code);
    errors.push_back(std::move(error));
  }
  if (!errors.empty()) return errors;
  errors = check_settled(plan_.statement, *label, label_.objective());
  if (!errors.empty()) return errors;
  out.label = *std::move(label);
  out.objective = &label_.objective();
  out.domain = label_.domain();
  out.program = plan_.statement.program;
  for (std::size_t f = 0; f < out.program.features.size(); ++f) {
    if (out.program.features[f].is_category()) finish_category(f, out.program.features[f]);
  }
  note_empty_columns(out.program, seen_, plan_.statement.query.span, out.notes);
  out.pages = std::move(pages_);
  QUERN_CHECK(finish_split(out));
  QUERN_CHECK(weigh_classes(out));
  return out;
}

Result<void> Fitter::weigh_classes(Fitted& out) {
  const auto& weight = plan_.statement.class_weight;
  if (!weight) return {};
  auto& side = out.train ? *out.train : *out.pages;
  QUERN_TRY(out.class_factors, class_factors(*weight, out.label, side));
  out.pages->rewrite_weights([&](const float* labels, float* weights, std::int64_t rows) {
    apply_class_factors(out.class_factors, labels, weights, rows);
  });
  return {};
}

Result<void> Fitter::finish_split(Fitted& out) {
  const auto& split = plan_.statement.split;
  out.split = ir::settle(split.method, out.pages->rows());
  if (out.split == ir::SplitMethod::none) return {};
  if (out.split == ir::SplitMethod::sequential) {
    const auto asked = std::llround(split.eval * static_cast<double>(out.pages->rows()));
    out.pages->mark_last(out.pages->whole_groups(asked));
  }
  out.pages->split();
  out.train = out.pages->part(false);
  out.validation = out.pages->part(true);
  if (out.train->rows() > 0 && out.validation->rows() > 0) return {};
  const auto side = out.train->rows() == 0 ? "training" : "validation";
  return Diagnostic{Code::empty_split,
                    std::string("the split leaves no row for ") + side + ": the query returned " +
                        counted(out.pages->rows(), "row"),
                    split.span.known() ? split.span : plan_.statement.query.span,
                    "change split.eval, or use split.method = none"};
}

}  // namespace quern::runtime
