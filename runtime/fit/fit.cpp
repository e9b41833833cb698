// The one pass.

#include "runtime/fit/fit.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "compiler/ir/category_rules.h"
#include "runtime/fit/class_weight.h"
#include "runtime/fit/empty_columns.h"
#include "runtime/fit/leak_check.h"
#include "runtime/fit/settled_checks.h"

namespace quern::runtime {

namespace {

bool has_texts(const ir::Feature& feature) {
  return std::holds_alternative<ir::Category>(feature.transform) ||
         std::holds_alternative<ir::HashedCategory>(feature.transform);
}

/// What the answers of a model without a label are called.
std::string answer_name(const ir::Objective& objective) {
  if (objective.task == ir::Task::clusters) return "cluster";
  return objective.name == "variance" ? "components" : "encoding";
}

/// The functions that say how long a text's vector is, as far as the statement has them.
std::string length_giver(const ir::FeatureProgram& program) {
  bool ragged = false;
  bool whole = false;
  for (const auto& feature : program.features) {
    const auto* element = std::get_if<ir::Element>(&feature.transform);
    if (element != nullptr) (element->ragged ? ragged : whole) = true;
  }
  if (!ragged) return "DENSE";
  return whole ? "DENSE or SEQ_CATEGORY_ID" : "SEQ_CATEGORY_ID";
}

}  // namespace

Fitter::Fitter(const plan::Train& plan)
    : plan_(plan),
      steps_(plan.statement.program, plan.statement.start.has_value()),
      groups_(plan.statement.program, plan.statement.start.has_value()),
      vectors_(plan.statement.program, plan.statement.start.has_value()),
      watch_(plan.statement),
      pages_(std::make_unique<PageStore>(
          static_cast<std::int32_t>(plan.statement.program.features.size()), plan.page_rows,
          plan::row_shape(plan.statement))),
      extras_(plan.statement.extras, plan.statement.query.description.schema,
              plan.statement.label_column.value_or(0)),
      dictionaries_(plan.statement.program.features.size()),
      infinite_(plan.statement.program.features.size()),
      seen_(plan.statement.program.features.size()) {
  const auto& statement = plan.statement;
  const auto& features = statement.program.features;
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (has_texts(features[f]))
      dictionaries_[f].emplace(features[f], f, statement.start.has_value());
  }
  if (statement.label_column) label_.emplace(statement);
  begin_split();
}

void Fitter::begin_split() {
  const auto& statement = plan_.statement;
  const auto& split = statement.split;
  if (split.method == ir::SplitMethod::column)
    split_column_.emplace(*split.key, statement.query.description.schema[*split.key].name);
  if (!ir::is_drawn(split.method)) return;
  auto columns = statement.input_columns;
  if (statement.label_column) columns.push_back(*statement.label_column);
  const auto key = split.key ? split.key : statement.extras.group;
  if (key) columns = {*key};
  draw_.emplace(std::move(columns), split.seed, key.has_value());
}

void Fitter::mark_rows(const ColumnBatch& batch, const PageStore::Slot& slot) {
  const auto& split = plan_.statement.split;
  if (split_column_) split_column_->add(batch, slot.marks);
  if (!draw_) return;
  if (slot.draws != nullptr) return draw_->draw(batch, slot.draws);
  std::vector<std::uint64_t> draws(static_cast<std::size_t>(batch.rows));
  draw_->draw(batch, draws.data());
  mark_by_draw(draws.data(), batch.rows, split.eval, split.test, slot.marks);
}

void Fitter::add(const ColumnBatch& batch) {
  const auto& statement = plan_.statement;
  const auto slot = pages_->reserve(batch.rows);
  codegen::NumberFeatures numbers;
  for (std::size_t f = 0; f < statement.program.features.size(); ++f)
    add_feature(f, batch, numbers, slot);
  groups_.add(statement.program, batch, statement.input_columns, slot);
  vectors_.add(batch, statement.input_columns, slot);
  watch_.add(batch);
  if (numbers.bad().count > 0 && bad_texts_.count == 0) bad_texts_.first = numbers.bad().first;
  bad_texts_.count += numbers.bad().count;
  if (label_)
    label_->add(batch.columns[*statement.label_column], slot.labels, slot.stride, *pages_);
  else
    std::fill(slot.labels, slot.labels + batch.rows, 0.0F);
  if (statement.weight_column) add_weights(batch.columns[*statement.weight_column], slot.weights);
  if (slot.weights != nullptr && !statement.weight_column)
    std::fill(slot.weights, slot.weights + batch.rows, 1.0F);
  extras_.add(batch, slot);
  mark_rows(batch, slot);
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
                      "a text is no vector of the length that " +
                          length_giver(plan_.statement.program) + " gives in " +
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

/// \param errors  what is wrong besides.
Result<void> Fitter::finish_label(Fitted& out, Diagnostics errors) {
  const auto& statement = plan_.statement;
  if (!label_) {
    if (pages_->rows() == 0)
      errors.insert(errors.begin(),
                    {Code::no_rows, "the query returned no rows", statement.query.span});
    out.objective = statement.objective;
    out.label = {.column = answer_name(*statement.objective), .task = statement.objective->task};
    return errors.empty() ? Result<void>() : errors;
  }
  auto label = label_->finish(*pages_, out.notes);
  if (!label) errors.insert(errors.begin(), label.errors().begin(), label.errors().end());
  if (!errors.empty()) return errors;
  errors = check_settled(statement, *label, label_->objective());
  out.label = *std::move(label);
  out.objective = &label_->objective();
  out.domain = label_->domain();
  return errors.empty() ? Result<void>() : errors;
}

Result<Fitted> Fitter::finish() {
  Fitted out;
  Diagnostics errors;
  const auto more = check_values();
  errors.insert(errors.end(), more.begin(), more.end());
  if (split_column_) split_column_->check(plan_.statement.split.span, errors);
  for (auto& error : extras_.check()) {
    error.span = span_of_extra(plan_.statement, error.code);
    errors.push_back(std::move(error));
  }
  QUERN_CHECK(finish_label(out, std::move(errors)));
  out.program = plan_.statement.program;
  out.pages = std::move(pages_);
  QUERN_CHECK(mark_parts(out));
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

Result<void> Fitter::mark_parts(Fitted& out) {
  const auto& split = plan_.statement.split;
  out.split = ir::settle(split.method, out.pages->rows());
  if (ir::is_ranked(out.split)) {
    if (out.split == ir::SplitMethod::stratified && out.label.classes.empty()) {
      return Diagnostic{Code::attribute_conflict,
                        std::string("split.method stratified needs classes, and ") +
                            (label_ ? "the label is a number" : "there is no label"),
                        split.span, "use split.method = random"};
    }
    mark_ranked(out);
  }
  if (out.split != ir::SplitMethod::sequential) return {};  // others are marked row by row
  const auto rows = static_cast<double>(out.pages->rows());
  const auto test = out.pages->whole_groups(std::llround(split.test * rows));
  const auto both = out.pages->whole_groups(std::llround((split.test + split.eval) * rows));
  out.pages->mark_last(both - test, test);
  return {};
}

/// Folds are marked from 0 on, and the test behind them.
void Fitter::mark_ranked(Fitted& out) {
  const auto& split = plan_.statement.split;
  std::vector<double> ends{split.eval, split.eval + split.test};
  std::vector<std::uint8_t> marks{1, 2, 0};
  if (out.split == ir::SplitMethod::kfold) {
    ends = {split.test};
    marks = {static_cast<std::uint8_t>(split.folds)};
    for (int fold = 0; fold < split.folds; ++fold) {
      marks.push_back(static_cast<std::uint8_t>(fold));
      ends.push_back(split.test + (1 - split.test) * (fold + 1) / split.folds);
    }
    ends.pop_back();
  }
  // Rows of one key stay together, whatever their classes.
  const bool keyed = split.key || plan_.statement.extras.group;
  const auto classes = keyed || out.label.classes.empty() ? 1 : out.label.classes.size();
  note_rare_classes(mark_by_rank(*out.pages, classes, ends, marks), out);
}

/// A class that is not on every side cannot be judged there.
void Fitter::note_rare_classes(const std::vector<std::int64_t>& counts, Fitted& out) const {
  if (counts.size() < 2) return;
  const auto& split = plan_.statement.split;
  const bool folds = out.split == ir::SplitMethod::kfold;
  for (std::size_t c = 0; c < counts.size() && out.notes.size() < 9; ++c) {
    const auto rows = static_cast<double>(counts[c]);
    if (folds ? counts[c] >= split.folds : std::llround(split.eval * rows) > 0) continue;
    const auto name =
        "class " + format_scalar(out.label.classes[c]) + " has " + counted(counts[c], "row");
    out.notes.push_back(
        {.code = Code::rare_class,
         .message = folds ? name + ", fewer than the " + std::to_string(split.folds) + " folds"
                          : name + ", and none of them is for validation",
         .span = plan_.statement.label_span,
         .severity = Severity::warning});
  }
}

/// The rows that a model learns from have a mark below this.
int Fitter::learned_marks(ir::SplitMethod split) const {
  if (split == ir::SplitMethod::none) return StepFitter::kAllRows;
  return split == ir::SplitMethod::kfold ? plan_.statement.split.folds : 1;
}

Result<void> Fitter::finish_features(Fitted& out) {
  const auto span = plan_.statement.query.span;
  for (std::size_t f = 0; f < dictionaries_.size(); ++f) {
    if (dictionaries_[f]) dictionaries_[f]->finish(out.program.features[f], *out.pages);
  }
  QUERN_CHECK(steps_.finish(out.program, *out.pages, learned_marks(out.split), span));
  out.program.terms.clear();
  steps_.note(out.program, span, out.notes);
  note_empty_columns(out.program, seen_, span, out.notes);
  vectors_.finish(out.program, *out.pages, span, out.notes);
  watch_.note(out.program, out.notes);
  if (auto errors = ir::check_categories(plan_.statement, out.program, true); !errors.empty())
    return errors;
  QUERN_CHECK(groups_.finish(out.program, *out.pages, span));
  // Nor is a column a leak that tells one of a label's several numbers.
  if (plan_.statement.start || !label_ || out.label.is_vector()) return {};
  return note_leaks(out.program, out.label.classes.size(), *out.pages, plan_.statement, out.notes);
}

Diagnostic Fitter::empty_side(const char* side, std::int64_t rows) const {
  const auto& split = plan_.statement.split;
  return {Code::empty_split,
          std::string("the split leaves no row for ") + side + ": the query returned " +
              counted(rows, "row"),
          split.span.known() ? split.span : plan_.statement.query.span,
          split.method == ir::SplitMethod::kfold ? "use fewer folds"
                                                 : "change split.eval, or use split.method = none"};
}

Result<void> Fitter::finish_split(Fitted& out) {
  const auto& split = plan_.statement.split;
  if (out.split == ir::SplitMethod::none) return {};
  out.pages->split();
  const bool folds = out.split == ir::SplitMethod::kfold;
  const auto part = [&](const std::vector<std::uint8_t>& marks) { return out.pages->part(marks); };
  if (folds) {
    out.folds = split.folds;
    out.train = part(out.marks_of_folds());
    for (int fold = 0; fold < split.folds; ++fold) {
      if (part({static_cast<std::uint8_t>(fold)})->rows() == 0)
        return empty_side("a fold", out.pages->rows());
    }
  } else {
    out.train = part({0});
    out.validation = part({1});
    if (out.train->rows() == 0) return empty_side("training", out.pages->rows());
    if (out.validation->rows() == 0) return empty_side("validation", out.pages->rows());
  }
  out.test = part({folds ? static_cast<std::uint8_t>(split.folds) : std::uint8_t{2}});
  if (out.test->rows() > 0) return {};
  out.test.reset();
  return split.test > 0 ? Result<void>(empty_side("the test", out.pages->rows())) : Result<void>();
}

std::vector<std::uint8_t> Fitted::marks_of_folds(std::optional<int> but) const {
  std::vector<std::uint8_t> out;
  for (int fold = 0; fold < folds; ++fold) {
    if (fold != but) out.push_back(static_cast<std::uint8_t>(fold));
  }
  return out;
}

}  // namespace quern::runtime
