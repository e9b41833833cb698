// One warning a kind, whatever the number of columns.

#include "runtime/fit/column_watch.h"

#include <algorithm>
#include <cstdio>

#include "base/format.h"
#include "runtime/fit/column_warning.h"

namespace quern::runtime {
namespace {

bool has_buckets(const ir::Feature& feature) {
  return std::any_of(feature.steps.begin(), feature.steps.end(), [](const ir::Step& step) {
    return std::holds_alternative<ir::Bucket>(step) ||
           std::holds_alternative<ir::QuantileBucket>(step);
  });
}

/// True where a feature holds each value of the column: as a number, or as a category.
bool holds_values(const ir::FeatureProgram& program, std::size_t input) {
  return std::any_of(program.features.begin(), program.features.end(), [&](const ir::Feature& f) {
    const bool value = std::holds_alternative<ir::Number>(f.transform) ||
                       std::holds_alternative<ir::Category>(f.transform) ||
                       std::holds_alternative<ir::HashedCategory>(f.transform);
    return f.input == input && value && !has_buckets(f);
  });
}

/// "99.2% of 600 rows".
std::string share_of_rows(const IdWatch& watch) {
  char percent[16];
  std::snprintf(percent, sizeof percent, "%.3g%%", 100 * watch.own_share());
  return percent + std::string(" of ") + counted(watch.rows(), "row");
}

}  // namespace

ColumnWatch::ColumnWatch(const ir::Train& statement)
    : statement_(statement), columns_(statement.start ? 0 : statement.input_columns.size()) {}

void ColumnWatch::add(const ColumnBatch& batch) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& column = batch.columns[statement_.input_columns[i]];
    columns_[i].constant.add(column);
    columns_[i].id.add(column);
  }
}

void ColumnWatch::note_constants(Diagnostics& notes) const {
  std::vector<Finding> found;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& watch = columns_[i].constant;
    if (watch.is_constant()) found.push_back({statement_.program.inputs[i].name, watch.value()});
  }
  if (found.empty()) return;
  const bool one = found.size() == 1;
  notes.push_back(
      {.code = Code::constant_column,
       .message = std::string(one ? "a column has" : "columns have") +
                  " one value in every row, the model learns nothing from " +
                  (one ? "it: " : "them: ") + listed(found),
       .span = statement_.query.span,
       .hint = "leave " + std::string(one ? "it" : "them") + " out: " + leave_out(found),
       .severity = Severity::warning});
}

void ColumnWatch::note_ids(const ir::FeatureProgram& program, Diagnostics& notes) const {
  std::vector<Finding> found;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& name = program.inputs[i].name;
    const auto& watch = columns_[i].id;
    if (watch.is_like_id(name) && holds_values(program, i))
      found.push_back({name, share_of_rows(watch)});
  }
  if (found.empty()) return;
  const bool one = found.size() == 1;
  notes.push_back(
      {.code = Code::id_column,
       .message = std::string(one ? "a column is like an id" : "columns are like ids") +
                  ", with a value of its own in nearly every row, which says nothing "
                  "of other rows: " +
                  listed(found),
       .span = statement_.query.span,
       .hint = "leave " + std::string(one ? "it" : "them") + " out: " + leave_out(found),
       .severity = Severity::warning});
}

void ColumnWatch::note(const ir::FeatureProgram& program, Diagnostics& notes) const {
  note_constants(notes);
  note_ids(program, notes);
}

}  // namespace quern::runtime
