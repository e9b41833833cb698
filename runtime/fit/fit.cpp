// The one pass.

#include "runtime/fit/fit.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "compiler/ir/category_rules.h"
#include "runtime/fit/class_weight.h"
#include "runtime/fit/empty_columns.h"
#include "runtime/fit/settled_checks.h"

namespace quern::runtime {

namespace {

bool is_weighted(const ir::Train& statement) {
  return statement.weight_column || statement.class_weight;
}

RowShape shape_of(const ir::Train& statement, std::int32_t waiting, std::size_t vectors) {
  auto shape = row_shape(statement.extras, is_weighted(statement),
                         statement.split.method != ir::SplitMethod::none);
  shape.waiting = waiting;
  shape.sparse = statement.program.groups.size() + vectors;
  return shape;
}

bool has_texts(const ir::Feature& feature) {
  return std::holds_alternative<ir::Category>(feature.transform) ||
         std::holds_alternative<ir::HashedCategory>(feature.transform);
}

}  // namespace

Fitter::Fitter(const plan::Train& plan)
    : plan_(plan),
      steps_(plan.statement.program, plan.statement.start.has_value()),
      groups_(plan.statement.program, plan.statement.start.has_value()),
      vectors_(plan.statement.program, plan.statement.start.has_value()),
      pages_(std::make_unique<PageStore>(
          static_cast<std::int32_t>(plan.statement.program.features.size()), plan.page_rows,
          shape_of(plan.statement, steps_.waiting(), vectors_.waiting()))),
      label_(plan.statement),
      extras_(plan.statement.extras, plan.statement.query.description.schema,
              plan.statement.label_column),
      dictionaries_(plan.statement.program.features.size()),
      infinite_(plan.statement.program.features.size()),
      seen_(plan.statement.program.features.size()) {
  const auto& statement = plan.statement;
  const auto& features = statement.program.features;
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (has_texts(features[f]))
      dictionaries_[f].emplace(features[f], f, statement.start.has_value());
  }
  const auto& split = statement.split;
  if (split.method != ir::SplitMethod::random && split.method != ir::SplitMethod::by_size) return;
  auto columns = statement.input_columns;
  columns.push_back(statement.label_column);
  const auto key = split.key ? split.key : statement.extras.group;
  if (key) columns = {*key};
  row_split_.emplace(std::move(columns), split.seed, split.eval, key.has_value());
}

void Fitter::add(const ColumnBatch& batch) {
  const auto& statement = plan_.statement;
  const auto slot = pages_->reserve(batch.rows);
  codegen::NumberFeatures numbers;
  for (std::size_t f = 0; f < statement.program.features.size(); ++f)
    add_feature(f, batch, numbers, slot);
  groups_.add(statement.program, batch, statement.input_columns, slot);
  vectors_.add(batch, statement.input_columns, slot);
  if (numbers.bad().count > 0 && bad_texts_.count == 0) bad_texts_.first = numbers.bad().first;
  bad_texts_.count += numbers.bad().count;
  label_.add(batch.columns[statement.label_column], slot.labels, *pages_);
  if (statement.weight_column) add_weights(batch.columns[*statement.weight_column], slot.weights);
  if (slot.weights != nullptr && !statement.weight_column)
    std::fill(slot.weights, slot.weights + batch.rows, 1.0F);
  extras_.add(batch, slot);
  if (row_split_) row_split_->assign(batch, slot.marks);
}

void Fitter::add_feature(std::size_t f, const ColumnBatch& batch, codegen::NumberFeatures& numbers,
                         const PageStore::Slot& slot) {
  const auto& statement = plan_.statement;
  const auto& feature = statement.program.features[f];
  const auto& column = batch.columns[statement.input_columns[feature.input]];
  float* out = slot.features + static_cast<std::int64_t>(f) * slot.stride;
  if (!feature.steps.empty()) {
    steps_.add(f, feature, column, numbers, slot, out);
    seen_[f] = steps_.seen(f);
    return;
  }
  if (dictionaries_[f]) {
    dictionaries_[f]->add(column, out, *pages_);
  } else if (const auto* cross = std::get_if<ir::Cross>(&feature.transform)) {
    codegen::run_cross(*cross, batch, statement.input_columns, out);
  } else {
    numbers.run(feature, column, out);
    infinite_[f] += std::count_if(out, out + batch.rows, [](float v) { return std::isinf(v); });
  }
  if (!seen_[f]) seen_[f] = has_value(out, batch.rows);
}

void Fitter::add_weights(const Column& column, float* out) {
  codegen::numbers_to_float(column, out);
  bad_weights_ +=
      std::count_if(out, out + column.length, [](float v) { return !(v >= 0) || std::isinf(v); });
  any_weight_ |= std::any_of(out, out + column.length, [](float v) { return v > 0; });
}

void Fitter::check_dictionaries(Diagnostics& errors) const {
  const auto& features = plan_.statement.program.features;
  for (std::size_t f = 0; f < features.size() && errors.size() < 9; ++f) {
    const auto& dictionary = dictionaries_[f];
    if (!dictionary) continue;
    if (dictionary->overflowed()) {
      errors.push_back({Code::too_many_values,
                        features[f].name + " has more than " +
                            std::to_string(Dictionary::kMostCounted) +
                            " distinct values, too many to count",
                        plan_.statement.query.span, "use CATEGORY_HASH"});
    }
    if (dictionary->unseen() == 0) continue;
    errors.push_back({Code::class_unseen,
                      "the model does not know a category of " + features[f].name + ", first " +
                          dictionary->first_unseen() + ", in " +
                          counted(dictionary->unseen(), "row"),
                      plan_.statement.start->model.span, "train a new model: leave out USING"});
  }
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
  for (auto& error : steps_.check(plan_.statement.program, plan_.statement.query.span))
    errors.push_back(std::move(error));
  for (auto& error : groups_.check(plan_.statement.program, plan_.statement.query.span))
    errors.push_back(std::move(error));
  if (bad_texts_.count > 0) {
    errors.push_back({Code::bad_vector_text,
                      "a text is no vector of the length that DENSE gives in " +
                          counted(bad_texts_.count, "row") +
                          ", first: " + bad_texts_.first.substr(0, 60),
                      plan_.statement.query.span});
  }
  check_dictionaries(errors);
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
  out.pages = std::move(pages_);
  mark_validation(out);
  QUERN_CHECK(finish_features(out));
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

void Fitter::mark_validation(Fitted& out) {
  const auto& split = plan_.statement.split;
  out.split = ir::settle(split.method, out.pages->rows());
  if (out.split != ir::SplitMethod::sequential) return;  // others are marked row by row
  const auto asked = std::llround(split.eval * static_cast<double>(out.pages->rows()));
  out.pages->mark_last(out.pages->whole_groups(asked));
}

Result<void> Fitter::finish_features(Fitted& out) {
  const auto span = plan_.statement.query.span;
  for (std::size_t f = 0; f < dictionaries_.size(); ++f) {
    if (dictionaries_[f]) dictionaries_[f]->finish(out.program.features[f], *out.pages);
  }
  QUERN_CHECK(steps_.finish(out.program, *out.pages, out.split != ir::SplitMethod::none, span));
  out.program.terms.clear();
  steps_.note(out.program, span, out.notes);
  note_empty_columns(out.program, seen_, span, out.notes);
  vectors_.finish(out.program, *out.pages, span, out.notes);
  if (auto errors = ir::check_categories(plan_.statement, out.program, true); !errors.empty())
    return errors;
  QUERN_CHECK(groups_.finish(out.program, *out.pages, span));
  return {};
}

Result<void> Fitter::finish_split(Fitted& out) {
  const auto& split = plan_.statement.split;
  if (out.split == ir::SplitMethod::none) return {};
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
