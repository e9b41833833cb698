// Sets of columns, gathered from where each statement keeps them.

#include "compiler/plan/used_columns.h"

#include <optional>
#include <set>

namespace quern::plan {
namespace {

class Used {
 public:
  Used& add(std::size_t column) {
    columns_.insert(column);
    return *this;
  }
  Used& add(const std::optional<std::size_t>& column) { return column ? add(*column) : *this; }
  Used& add(const std::vector<std::size_t>& columns) {
    columns_.insert(columns.begin(), columns.end());
    return *this;
  }
  Used& add(const ir::RowExtras& extras) {
    return add(extras.group).add(extras.base_margin).add(extras.upper_bound);
  }
  Used& add(const ir::ModelUse& use) { return add(use.input_columns).add(use.margin_columns); }

  /// \param all  columns that the query has.
  std::vector<std::size_t> of(std::size_t all) const {
    if (columns_.size() == all) return {};
    return {columns_.begin(), columns_.end()};
  }

 private:
  std::set<std::size_t> columns_;
};

}  // namespace

std::vector<std::size_t> used_columns(const ir::Train& s) {
  Used used;
  used.add(s.input_columns).add(s.label_column).add(s.weight_column).add(s.extras).add(s.split.key);
  return used.of(s.query.description.schema.size());
}

std::vector<std::size_t> used_columns(const ir::Validation& v, std::size_t columns) {
  Used used;
  used.add(v.input_columns).add(v.label_column).add(v.weight_column).add(v.extras);
  return used.of(columns);
}

std::vector<std::size_t> used_columns(const ir::Predict& s) {
  return Used().add(s.use).add(s.kept_columns).of(s.use.query.description.schema.size());
}

std::vector<std::size_t> used_columns(const ir::Evaluate& s) {
  Used used;
  used.add(s.use).add(s.label_column).add(s.weight_column).add(s.kept_columns);
  return used.of(s.use.query.description.schema.size());
}

std::vector<std::size_t> used_columns(const ir::Explain& s) {
  return Used().add(s.use).add(s.label_column).of(s.use.query.description.schema.size());
}

}  // namespace quern::plan
