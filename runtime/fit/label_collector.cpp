// Classes and numbers of the label.

#include "runtime/fit/label_collector.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/format.h"
#include "compiler/ir/label_vector.h"

namespace quern::runtime {

using ir::LabelRole;

namespace {

bool is_ndcg(const std::string& metric) { return metric.starts_with("ndcg"); }

/// The numbers that the label may hold: those of the objective and of the metrics.
ir::LabelDomain domain_of(const ir::Train& statement) {
  const auto* objective = statement.objective;
  if (objective == nullptr) return ir::LabelDomain::any;
  const auto* metrics = ir::find_setting(statement.settings, "eval_metric");
  const bool wide = objective->is_ranking() && objective->domain == ir::LabelDomain::not_negative;
  if (metrics == nullptr || !wide) return objective->domain;
  const auto& names = std::get<std::vector<std::string>>(metrics->value);
  // The metric cuts fractions off and says nothing.
  return std::any_of(names.begin(), names.end(), is_ndcg) ? ir::LabelDomain::grade
                                                          : objective->domain;
}

}  // namespace

LabelCollector::LabelCollector(const ir::Train& statement)
    : statement_(statement),
      field_(statement.query.description.schema[*statement.label_column]),
      objective_(statement.objective),
      domain_(domain_of(statement)),
      classes_(statement.label_role != LabelRole::number) {
  if (ir::has_vector_label(statement)) vectors_.emplace(ir::label_width(statement), domain_);
}

void LabelCollector::add(const Column& column, float* labels, std::int64_t stride,
                         PageStore& pages) {
  if (vectors_) return add_vectors(column, labels, stride);
  nulls_ += column.null_count;
  if (field_.type.kind == TypeKind::text) return add_text(column, labels);
  add_numbers(column, labels, pages);
}

void LabelCollector::add_vectors(const Column& column, float* labels, std::int64_t stride) {
  const auto numbers = vectors_->read(column);
  const auto width = vectors_->width();
  for (std::int64_t r = 0; r < column.length; ++r) {
    for (std::int32_t k = 0; k < width; ++k)
      labels[k * stride + r] = static_cast<float>(numbers[static_cast<std::size_t>(r * width + k)]);
  }
}

Result<ir::Label> LabelCollector::finish_vectors() const {
  auto errors = vectors_->check("label " + field_.name,
                                "add `WHERE " + field_.name + " IS NOT NULL` to the query");
  for (auto& error : errors) error.span = statement_.label_span;
  if (!errors.empty()) return errors;
  if (vectors_->is_constant()) {
    return at_label(Code::single_class, "label " + field_.name +
                                            " is the same in every row, there is nothing to learn");
  }
  ir::Label label{.column = field_.name, .type = field_.type};
  label.type.kind = TypeKind::list;
  label.type.size = vectors_->width();
  return label;
}

void LabelCollector::add_text(const Column& column, float* labels) {
  for (std::int64_t i = 0; i < column.length; ++i) {
    if (column.is_null(i)) continue;
    const auto value = column.text(i);
    auto found = text_codes_.find(value);
    if (found == text_codes_.end() && texts_.size() < kMaxClasses) {
      found = text_codes_.emplace(value, static_cast<std::uint32_t>(texts_.size())).first;
      texts_.emplace_back(value);
    }
    too_many_ |= found == text_codes_.end();
    labels[i] = found == text_codes_.end() ? 0.0F : static_cast<float>(found->second);
  }
}

void LabelCollector::add_numbers(const Column& column, float* labels, PageStore& pages) {
  std::vector<double> values(static_cast<std::size_t>(column.length));
  codegen::numbers_to_double(column, values.data());
  for (std::int64_t i = 0; i < column.length; ++i) {
    const double value = values[static_cast<std::size_t>(i)];
    if (column.is_null(i)) continue;
    observe(value);
    labels[i] = classes_ ? code_of(value) : static_cast<float>(value);
    const bool two_at_most =
        statement_.label_role == LabelRole::by_data && field_.type.kind != TypeKind::boolean;
    if (!classes_ || !two_at_most || numbers_.size() <= 2) continue;
    become_number(pages);  // rewrites this batch's earlier rows too: they are in the last page
    labels[i] = static_cast<float>(value);
  }
}

void LabelCollector::observe(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it neighbours share a double
  if (classes_ && is_integer(field_.type.kind) && std::abs(value) >= kExact) ++inexact_;
  if (!std::isfinite(static_cast<float>(value))) {
    ++not_finite_;
    return;
  }
  low_ = any_ ? std::min(low_, value) : value;
  high_ = any_ ? std::max(high_, value) : value;
  any_ = true;
  if (objective_ == nullptr || objective_->task != ir::Task::regression) return;
  if (ir::in_domain(domain_, value)) return;
  if (outside_++ == 0) first_outside_ = value;
}

float LabelCollector::code_of(double value) {
  if (std::isnan(value)) return 0;
  const auto found = number_codes_.find(value);
  if (found != number_codes_.end()) return static_cast<float>(found->second);
  too_many_ |= numbers_.size() >= kMaxClasses;
  if (too_many_) return 0;
  const auto code = static_cast<std::uint32_t>(numbers_.size());
  number_codes_.emplace(value, code);
  numbers_.push_back(value);
  return static_cast<float>(code);
}

void LabelCollector::become_number(PageStore& pages) {
  classes_ = false;
  pages.rewrite_labels([&](float* labels, std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; ++i) {
      // Rows behind the current one are not written yet and hold anything.
      const float code = labels[i];
      const bool known = code >= 0 && code < static_cast<float>(numbers_.size());
      if (known) labels[i] = static_cast<float>(numbers_[static_cast<std::size_t>(code)]);
    }
  });
}

Diagnostic LabelCollector::at_label(Code code, std::string message, std::string hint) const {
  return {code, std::move(message), statement_.label_span, std::move(hint)};
}

Result<void> LabelCollector::check_rows(std::int64_t rows) const {
  if (rows == 0) {
    return Diagnostic{Code::no_rows, "the query returned no rows", statement_.query.span};
  }
  if (nulls_ > 0) {
    return at_label(Code::label_null,
                    "label " + field_.name + " is NULL in " + std::to_string(nulls_) + " of " +
                        std::to_string(rows) + " rows",
                    "add `WHERE " + field_.name + " IS NOT NULL` to the query");
  }
  if (not_finite_ > 0) {
    return at_label(
        Code::label_not_finite,
        "label " + field_.name + " is not a finite float32 in " + counted(not_finite_, "row"));
  }
  if (classes_ && inexact_ > 0) {
    return at_label(Code::label_not_finite,
                    "label " + field_.name + " is beyond 2^53 in " + counted(inexact_, "row") +
                        ": its classes could not be told apart",
                    "cast it to text in the query");
  }
  if (too_many_) {
    return at_label(
        Code::too_many_classes,
        "label " + field_.name + " has more than " + std::to_string(kMaxClasses) + " classes",
        "a number to predict needs xgboost.XGBRegressor");
  }
  return {};
}

Result<void> LabelCollector::check_numbers() const {
  if (statement_.positive_class) {
    return Diagnostic{Code::class_count,
                      "positive_class is for two classes, label " + field_.name + " is a number",
                      statement_.positive_class_span, "use xgboost.XGBClassifier"};
  }
  if (outside_ > 0) {
    const bool metric = domain_ != objective_->domain;
    return at_label(Code::label_domain, "objective " + std::string(objective_->name) +
                                            (metric ? " with metric ndcg takes " : " takes ") +
                                            std::string(ir::domain_words(domain_)) + ": label " +
                                            field_.name + " is outside in " +
                                            counted(outside_, "row") + ", first " +
                                            format_scalar(as_label(first_outside_)));
  }
  // Lower bounds may be alike where the upper ones are not.
  if (low_ == high_ && !statement_.extras.upper_bound) {
    return at_label(Code::single_class, "label " + field_.name +
                                            " has a single value, there is nothing to learn: " +
                                            format_scalar(as_label(low_)));
  }
  return {};
}

/// A value of the label in the label's own type.
Scalar LabelCollector::as_label(double value) const {
  if (field_.type.kind == TypeKind::boolean) return value != 0;
  if (is_integer(field_.type.kind) && std::abs(value) < 9e18)
    return static_cast<std::int64_t>(value);
  if (field_.type.kind != TypeKind::decimal) return value;
  const double unit = std::pow(10.0, field_.type.scale);
  return std::round(value * unit) / unit;
}

std::vector<Scalar> LabelCollector::seen_classes() const {
  std::vector<Scalar> out(texts_.begin(), texts_.end());
  for (const double value : numbers_) out.push_back(as_label(value));
  return out;
}

Result<void> LabelCollector::check_classes(std::size_t count) const {
  if (count < 2) {
    return at_label(Code::single_class, "label " + field_.name +
                                            " has a single value, there is nothing to learn: " +
                                            format_scalar(seen_classes().front()));
  }
  if (objective_ == nullptr || objective_->task != ir::Task::binary || count == 2) return {};
  return Diagnostic{Code::class_count,
                    "objective " + std::string(objective_->name) + " takes two classes, label " +
                        field_.name + " has " + std::to_string(count),
                    statement_.objective_span, "use multi:softprob"};
}

namespace {

std::string listed(const std::vector<Scalar>& classes) {
  constexpr std::size_t kMost = 8;
  auto sorted = classes;
  std::sort(sorted.begin(), sorted.end(), scalar_less);
  std::string out;
  for (std::size_t i = 0; i < sorted.size() && i < kMost; ++i) {
    out += (i > 0 ? ", " : "") + format_scalar(sorted[i]);
  }
  return sorted.size() > kMost ? out + ", ..." : out;
}

}  // namespace

/// Numbers are compared as numbers, those of a FLOAT label as float32; 0 and 1 stand for booleans.
bool LabelCollector::is_positive(const Scalar& label_class) const {
  const auto number = [](const Scalar& v) -> std::optional<double> {
    if (const auto* whole = std::get_if<std::int64_t>(&v)) return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&v)) return *real;
    return std::nullopt;
  };
  const auto& wanted = *statement_.positive_class;
  const auto x = number(wanted);
  if (const auto* flag = std::get_if<bool>(&label_class); flag != nullptr && x) return *x == *flag;
  const auto y = number(label_class);
  if (!x || !y) return format_scalar(wanted) == format_scalar(label_class);
  const bool narrow = field_.type.kind == TypeKind::float32;
  return narrow ? static_cast<float>(*x) == static_cast<float>(*y) : *x == *y;
}

Result<void> LabelCollector::move_positive_last(std::vector<std::size_t>& order,
                                                const std::vector<Scalar>& classes) const {
  if (!statement_.positive_class) return {};
  const auto at = std::find_if(order.begin(), order.end(),
                               [&](std::size_t i) { return is_positive(classes[i]); });
  if (at == order.end()) {
    return Diagnostic{Code::positive_class_unknown,
                      "positive_class does not occur in label " + field_.name + ": " +
                          format_scalar(*statement_.positive_class),
                      statement_.positive_class_span, "its classes are " + listed(classes)};
  }
  if (order.size() > 2) {
    return Diagnostic{Code::class_count,
                      "positive_class is for two classes, label " + field_.name + " has " +
                          std::to_string(order.size()),
                      statement_.positive_class_span};
  }
  std::rotate(at, at + 1, order.end());
  return {};
}

void LabelCollector::note_number(Diagnostics& notes) const {
  if (statement_.label_role != LabelRole::by_data) return;
  notes.push_back(
      {.code = Code::internal,
       .message =
           "label " + field_.name + " is a number: the model is a regression; for classes use " +
           (statement_.network.has_value() ? "loss = cross_entropy" : "xgboost.XGBClassifier"),
       .severity = Severity::note});
}

Result<ir::Label> LabelCollector::finish(PageStore& pages, Diagnostics& notes) {
  QUERN_CHECK(check_rows(pages.rows()));
  if (vectors_) return finish_vectors();
  ir::Label label{.column = field_.name, .type = field_.type};
  // By-data numbers with one or two values are classes; the estimator's name settles all else.
  if (!classes_) {
    QUERN_CHECK(check_numbers());
    if (objective_ == nullptr) {
      const bool network = statement_.network.has_value();
      objective_ = ir::find_objective(network ? "squared_error" : "reg:squarederror");
    }
    note_number(notes);
    return label;
  }
  const auto classes = seen_classes();
  QUERN_CHECK(check_classes(classes.size()));
  std::vector<std::size_t> order(classes.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return scalar_less(classes[a], classes[b]); });
  QUERN_CHECK(move_positive_last(order, classes));
  if (objective_ == nullptr) {
    const bool network = statement_.network.has_value();
    const bool two = classes.size() == 2;
    objective_ = ir::find_objective(network ? (two ? "logistic" : "cross_entropy")
                                            : (two ? "binary:logistic" : "multi:softprob"));
  }
  std::vector<float> rank(classes.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<float>(i);
  pages.rewrite_labels([&](float* labels, std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; ++i) labels[i] = rank[static_cast<std::size_t>(labels[i])];
  });
  label.task = objective_->task;
  for (const auto i : order) label.classes.push_back(classes[i]);
  return label;
}

}  // namespace quern::runtime
