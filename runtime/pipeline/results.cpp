// Row by row, column by column.

#include "runtime/pipeline/results.h"

#include <algorithm>
#include <numeric>

#include "runtime/pipeline/scalars.h"

namespace quern::runtime {

Results::Results(const ir::Predict& statement, const codegen::Scorer& scorer,
                 const UnlabelledModel* unlabelled)
    : s_(statement),
      label_(statement.use.manifest->label),
      outcomes_(*statement.use.manifest, scorer, statement.threshold),
      unlabelled_(unlabelled) {}

Result<std::vector<Column>> Results::build(std::vector<float>& margins,
                                           const ColumnBatch& batch) const {
  Builders columns;
  for (auto i = s_.kept_columns.size(); i < s_.output.size(); ++i)
    columns.emplace_back(s_.output[i].type);
  std::vector<std::size_t> ranked(label_.classes.size());
  outcomes_.link(margins);
  for (std::size_t r = 0; r < static_cast<std::size_t>(batch.rows); ++r) {
    const auto row = outcomes_.row(margins, r);
    outcomes_.is_number() ? append_numbers(columns[0], row, label_.type.kind)
                          : add_class(columns, row, ranked);
  }
  if (unlabelled_ != nullptr) QUERN_CHECK(add_distances(columns.back(), margins, batch));
  std::vector<Column> out;
  for (auto& column : columns) out.push_back(column.finish());
  return out;
}

Result<void> Results::add_distances(ColumnBuilder& column, std::span<const float> answers,
                                    const ColumnBatch& batch) const {
  return unlabelled_->each_row(batch, [&](std::int64_t r, const UnlabelledModel::Row& row) {
    const auto answer = outcomes_.row(answers, static_cast<std::size_t>(r));
    column.append_double(outcomes_.is_number()
                             ? UnlabelledModel::error(row)
                             : unlabelled_->distance(row, outcomes_.class_of(answer)));
  });
}

void Results::append_class(Builders& columns, std::size_t at, std::size_t c) const {
  append_scalar(columns[at], label_.classes[c], label_.type);
}

void Results::add_class(Builders& columns, std::span<const float> row,
                        std::vector<std::size_t>& ranked) const {
  const auto called = outcomes_.class_of(row);
  std::size_t at = 0;
  append_class(columns, at++, called);
  if (s_.proba) {
    columns[at++].append_double(outcomes_.probability(row, called));
    for (std::size_t c = 0; c < label_.classes.size(); ++c)
      columns[at++].append_double(outcomes_.probability(row, c));
  }
  if (s_.top_k > 0) add_ranked(columns, row, at, ranked);
}

/// The most probable classes; of equal ones the first.
void Results::add_ranked(Builders& columns, std::span<const float> row, std::size_t at,
                         std::vector<std::size_t>& ranked) const {
  std::iota(ranked.begin(), ranked.end(), std::size_t{0});
  const auto end = ranked.begin() + s_.top_k;
  std::partial_sort(ranked.begin(), end, ranked.end(),
                    [&](auto a, auto b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
  for (auto c = ranked.begin(); c != end; ++c) {
    append_class(columns, at++, *c);
    columns[at++].append_double(row[*c]);
  }
}

}  // namespace quern::runtime
