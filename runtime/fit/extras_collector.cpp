// Groups, base margins and bounds, batch by batch.

#include "runtime/fit/extras_collector.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "codegen/interpret/features.h"

namespace quern::runtime {

GroupCollector::GroupCollector(std::size_t column, std::string name)
    : column_(column), name_(std::move(name)), hasher_({column}, 0) {}

void GroupCollector::begin_group(std::uint64_t hash, const Column& column, std::int64_t row) {
  if (last_) ++number_;
  last_ = hash;
  uneven_ = false;
  if (seen_.count(hash) == 0) return;
  if (apart_++ == 0) first_apart_ = format_value(column, row);
}

void GroupCollector::add(const ColumnBatch& batch, std::uint32_t* groups, const float* weights) {
  const auto& column = batch.columns[column_];
  const auto& hashes = hasher_.hash(batch);
  nulls_ += column.null_count;
  for (std::int64_t r = 0; r < batch.rows; ++r) {
    const auto hash = hashes[static_cast<std::size_t>(r)];
    const bool first = last_ != hash;
    if (first) begin_group(hash, column, r);
    groups[r] = number_;
    if (weights == nullptr) continue;
    if (first) weight_ = weights[r];
    if (weights[r] == weight_ || uneven_) continue;
    uneven_ = true;
    ++uneven_groups_;
  }
}

void GroupCollector::check(Diagnostics& errors) const {
  if (nulls_ > 0) {
    errors.push_back({Code::broken_group,
                      "group " + name_ + " is NULL in " + counted(nulls_, "row"),
                      SourceSpan::none(), "add `WHERE " + name_ + " IS NOT NULL` to the query"});
  }
  if (apart_ > 0) {
    errors.push_back({Code::broken_group,
                      "rows of a group of " + name_ +
                          " do not lie together: " + counted(apart_, "group") +
                          (apart_ == 1 ? " comes" : " come") + " again, first " + first_apart_,
                      SourceSpan::none(), "add `ORDER BY " + name_ + "` to the query"});
  }
  if (uneven_groups_ == 0) return;
  errors.push_back({Code::broken_group, "a weight is that of the whole group: rows of a group of " +
                                            name_ + " differ in " +
                                            counted(uneven_groups_, "group")});
}

ExtrasCollector::ExtrasCollector(const ir::RowExtras& columns, const Schema& schema,
                                 std::size_t label)
    : columns_(columns), schema_(schema), label_(label), bad_margins_(columns.base_margin.size()) {
  if (columns.group) groups_.emplace(*columns.group, schema[*columns.group].name);
}

void ExtrasCollector::add(const ColumnBatch& batch, const PageStore::Slot& slot) {
  if (groups_) groups_->add(batch, slot.groups, slot.weights);
  add_margins(batch, slot);
  if (columns_.upper_bound) add_bounds(batch, slot.upper_bounds);
}

void ExtrasCollector::add_margins(const ColumnBatch& batch, const PageStore::Slot& slot) {
  for (std::size_t m = 0; m < columns_.base_margin.size(); ++m) {
    float* out = slot.margins + static_cast<std::int64_t>(m) * slot.stride;
    codegen::numbers_to_float(batch.columns[columns_.base_margin[m]], out);
    bad_margins_[m] +=
        std::count_if(out, out + batch.rows, [](float v) { return !std::isfinite(v); });
  }
}

/// A NULL bound is not known: the label is where the row was last seen.
void ExtrasCollector::add_bounds(const ColumnBatch& batch, float* out) {
  const auto& column = batch.columns[*columns_.upper_bound];
  std::vector<float> lower(static_cast<std::size_t>(batch.rows));
  codegen::numbers_to_float(column, out);
  codegen::numbers_to_float(batch.columns[label_], lower.data());
  for (std::int64_t r = 0; r < batch.rows; ++r) {
    if (column.is_null(r)) out[r] = std::numeric_limits<float>::infinity();
    const float low = lower[static_cast<std::size_t>(r)];
    if (!std::isnan(low) && !(out[r] > 0 && out[r] >= low)) ++bad_bounds_;
  }
}

Diagnostics ExtrasCollector::check() const {
  Diagnostics errors;
  if (groups_) groups_->check(errors);
  for (std::size_t m = 0; m < bad_margins_.size(); ++m) {
    if (bad_margins_[m] == 0) continue;
    errors.push_back({Code::bad_base_margin,
                      "base margin " + schema_[columns_.base_margin[m]].name +
                          " is not a finite number in " + counted(bad_margins_[m], "row")});
  }
  if (bad_bounds_ > 0) {
    errors.push_back({Code::bad_upper_bound,
                      "upper bound " + schema_[*columns_.upper_bound].name + " is below label " +
                          schema_[label_].name + ", or not above 0, in " +
                          counted(bad_bounds_, "row"),
                      SourceSpan::none(), "NULL is a bound that is not known"});
  }
  return errors;
}

SourceSpan span_of_extra(const ir::Train& statement, Code code) {
  const char* name = code == Code::broken_group      ? "group"
                     : code == Code::bad_base_margin ? "base_margin"
                                                     : "label_upper_bound";
  const auto* setting = ir::find_setting(statement.settings, name);
  return setting != nullptr ? setting->value_span : statement.label_span;
}

}  // namespace quern::runtime
