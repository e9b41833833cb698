// Means by cluster, loadings by component, errors by column.

#include "runtime/explain/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/explain/permutation.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/outcomes.h"
#include "runtime/pipeline/scan.h"
#include "runtime/sinks/row_writer.h"

namespace quern::runtime {
namespace {

using Row = UnlabelledModel::Row;
using Vector = std::vector<double>;

/// Indices by falling size of the value; equals keep their order.
std::vector<std::size_t> by_size(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return std::abs(values[a]) > std::abs(values[b]); });
  return order;
}

/// Columns' sums over the rows of each cluster, and their spread over all rows.
class ClusterMeans {
 public:
  ClusterMeans(std::size_t clusters, std::size_t columns)
      : counts_(clusters), sums_(clusters, Vector(columns)), means_(columns), squares_(columns) {}

  void add(std::size_t cluster, const Vector& row) {
    ++counts_[cluster];
    ++rows_;
    for (std::size_t c = 0; c < row.size(); ++c) {
      sums_[cluster][c] += row[c];
      const double before = row[c] - means_[c];
      means_[c] += before / rows_;
      squares_[c] += before * (row[c] - means_[c]);
    }
  }
  bool has_rows(std::size_t cluster) const { return counts_[cluster] > 0; }
  double mean(std::size_t cluster, std::size_t column) const {
    return sums_[cluster][column] / counts_[cluster];
  }
  /// The cluster's mean less that of all rows, in deviations.
  double shift(std::size_t cluster, std::size_t column) const {
    const double deviation = std::sqrt(squares_[column] / rows_);
    return deviation > 0 ? (mean(cluster, column) - means_[column]) / deviation : 0;
  }

 private:
  double rows_ = 0;
  Vector counts_;
  std::vector<Vector> sums_;
  Vector means_, squares_;
};

/// (cluster, feature, mean, shift): in each cluster what sets it apart most comes first.
Result<void> write_clusters(const ir::Explain& s, const UnlabelledModel& model,
                            Connection& connection, const Control& control, RowWriter& out) {
  QUERN_TRY(const auto scorer, open_scorer(s.use, connection, control.models, control.scoring));
  const Outcomes outcomes(*s.use.manifest, *scorer);
  const auto columns = model.names().size();
  ClusterMeans means(outcomes.classes(), columns);
  std::vector<float> answers;
  const auto take = [&](const ColumnBatch& batch) -> Result<void> {
    QUERN_CHECK(scorer->score(batch, answers));
    return model.each_row(batch, [&](std::int64_t r, const Row& row) {
      means.add(outcomes.class_of(outcomes.row(answers, static_cast<std::size_t>(r))), row.read);
    });
  };
  QUERN_TRY(const auto rows,
            scan(s.use.query, connection, Progress::Stage::explain, control, take));
  if (rows == 0) return no_rows(s);
  for (std::size_t k = 0; k < outcomes.classes(); ++k) {
    if (!means.has_rows(k)) continue;
    Vector shifts;
    for (std::size_t c = 0; c < columns; ++c) shifts.push_back(means.shift(k, c));
    for (const auto c : by_size(shifts)) {
      out.column(0).append_int(static_cast<std::int64_t>(k));
      out.column(1).append_text(model.names()[c]);
      out.column(2).append_double(model.in_own_units(c, means.mean(k, c)));
      out.column(3).append_double(shifts[c]);
      QUERN_CHECK(out.end_row());
    }
  }
  return {};
}

/// (component, explained_variance_ratio, feature, loading)
Result<void> write_components(const UnlabelledModel& model, RowWriter& out) {
  const auto columns = model.names().size();
  for (std::size_t k = 0; k < model.variance_shares().size(); ++k) {
    const auto loadings = std::span(model.loadings()).subspan(k * columns, columns);
    for (const auto c : by_size(loadings)) {
      out.column(0).append_int(static_cast<std::int64_t>(k + 1));
      out.column(1).append_double(model.variance_shares()[k]);
      out.column(2).append_text(model.names()[c]);
      out.column(3).append_double(loadings[c]);
      QUERN_CHECK(out.end_row());
    }
  }
  return {};
}

/// (feature, reconstruction_error), the worst first.
Result<void> write_errors(const ir::Explain& s, const UnlabelledModel& model,
                          Connection& connection, const Control& control, RowWriter& out) {
  Vector errors(model.names().size());
  const auto take = [&](const ColumnBatch& batch) {
    return model.each_row(batch, [&](std::int64_t, const Row& row) {
      for (std::size_t c = 0; c < errors.size(); ++c)
        errors[c] += (row.read[c] - row.made[c]) * (row.read[c] - row.made[c]);
    });
  };
  QUERN_TRY(const auto rows,
            scan(s.use.query, connection, Progress::Stage::explain, control, take));
  if (rows == 0) return no_rows(s);
  for (const auto c : by_size(errors)) {
    out.column(0).append_text(model.names()[c]);
    out.column(1).append_double(errors[c] / static_cast<double>(rows));
    QUERN_CHECK(out.end_row());
  }
  return {};
}

}  // namespace

Result<std::int64_t> explain_summary(const ir::Explain& s, Connection& connection, Sink& sink,
                                     const Control& control) {
  QUERN_TRY(const auto model, open_unlabelled(s.use, connection, control.models));
  RowWriter out(s.output, sink);
  const bool clusters = s.use.manifest->label.task == ir::Task::clusters;
  QUERN_CHECK(clusters         ? write_clusters(s, *model, connection, control, out)
              : s.reads_rows() ? write_errors(s, *model, connection, control, out)
                               : write_components(*model, out));
  return out.finish();
}

}  // namespace quern::runtime
