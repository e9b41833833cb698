// Sums over one pass, then the report.

#include "runtime/evaluate/unlabelled.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <unordered_map>

#include "base/format.h"
#include "runtime/evaluate/assertions.h"
#include "runtime/metrics/clustering.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/outcomes.h"
#include "runtime/pipeline/scalars.h"
#include "runtime/pipeline/scan.h"
#include "runtime/sinks/row_writer.h"

namespace quern::runtime {
namespace {

using Row = UnlabelledModel::Row;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Points and their clusters: all rows, or as many of them by equal chance. Rule: Vitter 1985,
/// algorithm R.
class Sample {
 public:
  void add(const std::vector<double>& point, std::uint32_t cluster) {
    if (most_ == 0) {
      width_ = point.size();
      most_ = std::clamp<std::size_t>(kMostFloats / width_, 1000, kMostCompared);
    }
    if (++seen_ <= most_) {
      points_.insert(points_.end(), point.begin(), point.end());
      clusters_.push_back(cluster);
      return;
    }
    const auto place = static_cast<std::size_t>(random_() % seen_);
    if (place >= most_) return;
    std::copy(point.begin(), point.end(),
              points_.begin() + static_cast<std::ptrdiff_t>(place * width_));
    clusters_[place] = cluster;
  }
  bool is_part() const { return seen_ > most_; }
  std::size_t rows() const { return clusters_.size(); }
  std::uint32_t cluster(std::size_t row) const { return clusters_[row]; }
  ClusterRows compared(std::size_t clusters) const {
    return {width_, clusters, points_, clusters_};
  }

 private:
  static constexpr std::size_t kMostFloats = std::size_t{16} << 20U;

  std::size_t width_ = 0;
  std::size_t most_ = 0;
  std::size_t seen_ = 0;
  std::vector<float> points_;
  std::vector<std::uint32_t> clusters_;
  std::mt19937_64 random_;
};

/// Rows by a label's value, NULL among them, and by cluster.
class Contingency {
 public:
  explicit Contingency(std::size_t clusters) : clusters_(clusters) {}

  void add(const Column& labels, std::int64_t row, std::uint32_t cluster) {
    const auto name = labels.is_null(row) ? std::string() : "=" + format_value(labels, row);
    const auto [at, fresh] = codes_.emplace(name, counts_.size());
    if (fresh) counts_.emplace_back(clusters_);
    ++counts_[at->second][cluster];
  }
  double adjusted_rand() const { return runtime::adjusted_rand(counts_); }

 private:
  std::size_t clusters_;
  std::unordered_map<std::string, std::size_t> codes_;
  std::vector<std::vector<std::int64_t>> counts_;
};

struct ClusterSums {
  std::int64_t rows = 0;
  double squares = 0;
  double distances = 0;
  double silhouettes = 0;
  std::int64_t compared = 0;

  static double mean(double sum, std::int64_t rows) {
    return rows > 0 ? sum / static_cast<double>(rows) : kNone;
  }
};

/// What an answer is, and how far its row is from it.
class Scored {
 public:
  Scored(const ir::Evaluate& s, const codegen::Scorer& scorer, const UnlabelledModel& model)
      : scorer_(scorer), outcomes_(*s.use.manifest, scorer), model_(model) {}

  bool is_vector() const { return outcomes_.is_number(); }
  std::span<const float> answer(std::int64_t r) const {
    return outcomes_.row(answers_, static_cast<std::size_t>(r));
  }

  /// Calls take(row number, row, cluster, distance or error) for each row of the batch.
  template <typename Take>
  Result<void> each_row(const ColumnBatch& batch, Take take) {
    QUERN_CHECK(scorer_.score(batch, answers_));
    return model_.each_row(batch, [&](std::int64_t r, const Row& row) {
      if (is_vector()) return take(r, row, std::uint32_t{0}, UnlabelledModel::error(row));
      const auto cluster = static_cast<std::uint32_t>(outcomes_.class_of(answer(r)));
      take(r, row, cluster, model_.distance(row, cluster));
    });
  }

 private:
  const codegen::Scorer& scorer_;
  Outcomes outcomes_;
  const UnlabelledModel& model_;
  std::vector<float> answers_;
};

/// All that reports need of the rows.
class Tally {
 public:
  explicit Tally(const ir::Evaluate& s)
      : s_(s),
        clusters_(s.use.manifest->label.classes.size()),
        contingency_(clusters_.size()),
        compares_(s.report == ir::Report::per_cluster || asks_for(ir::Metric::silhouette)) {}

  void add(const ColumnBatch& batch, std::int64_t r, const Row& row, std::uint32_t cluster,
           double distance) {
    ++rows_;
    if (clusters_.empty()) return add_vector(row, distance);
    auto& sums = clusters_[cluster];
    ++sums.rows;
    sums.squares += distance * distance;
    sums.distances += distance;
    if (compares_) sample_.add(row.made, cluster);
    if (s_.label_column) contingency_.add(batch.columns[*s_.label_column], r, cluster);
  }

  Result<void> finish(const CancelToken& cancel) {
    if (!compares_) return {};
    QUERN_TRY(const auto values, silhouettes(sample_.compared(clusters_.size()), cancel));
    for (std::size_t i = 0; i < values.size(); ++i) {
      auto& sums = clusters_[sample_.cluster(i)];
      sums.silhouettes += values[i];
      ++sums.compared;
    }
    return {};
  }

  std::int64_t rows() const { return rows_; }
  const std::vector<ClusterSums>& clusters() const { return clusters_; }

  double value(ir::Metric metric) const {
    switch (metric) {
      case ir::Metric::cluster_count:
        return static_cast<double>(std::count_if(clusters_.begin(), clusters_.end(),
                                                 [](const auto& c) { return c.rows > 0; }));
      case ir::Metric::inertia: return sum(&ClusterSums::squares);
      case ir::Metric::silhouette:
        return ClusterSums::mean(sum(&ClusterSums::silhouettes), compared());
      case ir::Metric::adjusted_rand: return contingency_.adjusted_rand();
      case ir::Metric::reconstruction_error: return ClusterSums::mean(errors_, rows_);
      case ir::Metric::explained_variance_ratio: return explained();
      default: return kNone;
    }
  }

  /// What must be said of a silhouette that not all rows have made.
  void note_sample(EvaluateSummary& summary) const {
    if (!compares_ || !sample_.is_part()) return;
    summary.notes.push_back({.message = "silhouettes are those of a sample of " +
                                        std::to_string(sample_.rows()) + " of " +
                                        counted(rows_, "row"),
                             .severity = Severity::note});
  }

 private:
  bool asks_for(ir::Metric metric) const {
    const auto is = [&](const auto& of) { return of.metric == metric; };
    return std::any_of(s_.metrics.begin(), s_.metrics.end(), is) ||
           std::any_of(s_.assertions.begin(), s_.assertions.end(), is);
  }

  void add_vector(const Row& row, double error) {
    errors_ += error;
    means_.resize(row.read.size());
    for (std::size_t c = 0; c < row.read.size(); ++c) {
      const double before = row.read[c] - means_[c];
      means_[c] += before / static_cast<double>(rows_);
      squares_ += before * (row.read[c] - means_[c]);
    }
  }

  /// The share of the columns' variance that is given back, which is below 0 where the columns'
  /// means would do better.
  double explained() const {
    if (means_.empty() || squares_ == 0) return kNone;
    return 1 - errors_ * static_cast<double>(means_.size()) / squares_;
  }

  double sum(double ClusterSums::*of) const {
    double out = 0;
    for (const auto& c : clusters_) out += c.*of;
    return out;
  }
  std::int64_t compared() const {
    std::int64_t out = 0;
    for (const auto& c : clusters_) out += c.compared;
    return out;
  }

  const ir::Evaluate& s_;
  std::int64_t rows_ = 0;
  std::vector<ClusterSums> clusters_;  ///< none of a model of vectors
  Sample sample_;
  Contingency contingency_;
  bool compares_;
  double errors_ = 0;
  std::vector<double> means_;
  double squares_ = 0;  ///< of the columns' differences from their means
};

void append_or_null(ColumnBuilder& column, double value) {
  std::isnan(value) ? column.append_null() : column.append_double(value);
}

Result<void> write_metrics(const ir::Evaluate& s, const Tally& tally, RowWriter& out,
                           EvaluateSummary& summary) {
  out.column(0).append_int(tally.rows());
  std::string undefined;
  for (std::size_t i = 0; i < s.metrics.size(); ++i) {
    const double value = tally.value(s.metrics[i].metric);
    append_or_null(out.column(i + 1), value);
    if (std::isnan(value)) undefined += (undefined.empty() ? "" : ", ") + s.metrics[i].name;
  }
  if (!undefined.empty()) {
    summary.notes.push_back(
        {.message = "NULL, not defined for these rows: " + undefined, .severity = Severity::note});
  }
  return out.end_row();
}

/// (cluster, rows, share, inertia, mean_distance, silhouette)
Result<void> write_clusters(const Tally& tally, RowWriter& out) {
  for (std::size_t c = 0; c < tally.clusters().size(); ++c) {
    const auto& sums = tally.clusters()[c];
    out.column(0).append_int(static_cast<std::int64_t>(c));
    out.column(1).append_int(sums.rows);
    out.column(2).append_double(static_cast<double>(sums.rows) / static_cast<double>(tally.rows()));
    out.column(3).append_double(sums.squares);
    append_or_null(out.column(4), ClusterSums::mean(sums.distances, sums.rows));
    append_or_null(out.column(5), ClusterSums::mean(sums.silhouettes, sums.compared));
    QUERN_CHECK(out.end_row());
  }
  return {};
}

/// The rows as selected, with their answers and distances.
ColumnBatch with_answers(const ir::Evaluate& s, const ColumnBatch& batch,
                         std::vector<ColumnBuilder>& added) {
  ColumnBatch out{.rows = batch.rows, .columns = {}};
  for (const auto c : s.kept_columns) out.columns.push_back(batch.columns[c]);
  for (auto& column : added) out.columns.push_back(column.finish());
  return out;
}

Result<EvaluateSummary> write_rows(const ir::Evaluate& s, Scored& scored, Connection& connection,
                                   Sink& sink, const Control& control) {
  std::vector<ColumnBuilder> added;
  for (auto i = s.kept_columns.size(); i < s.output.size(); ++i)
    added.emplace_back(s.output[i].type);
  const auto take = [&](const ColumnBatch& batch) -> Result<void> {
    QUERN_CHECK(scored.each_row(
        batch, [&](std::int64_t r, const Row&, std::uint32_t cluster, double distance) {
          scored.is_vector() ? append_numbers(added[0], scored.answer(r), TypeKind::list)
                             : added[0].append_int(cluster);
          added[1].append_double(distance);
        }));
    return sink.write(with_answers(s, batch, added));
  };
  QUERN_TRY(const auto rows,
            scan(s.use.query, connection, Progress::Stage::evaluate, control, take));
  return EvaluateSummary{.rows = rows};
}

Result<EvaluateSummary> write_report(const ir::Evaluate& s, Scored& scored, Connection& connection,
                                     Sink& sink, const Control& control) {
  Tally tally(s);
  const auto take = [&](const ColumnBatch& batch) {
    return scored.each_row(
        batch, [&](std::int64_t r, const Row& row, std::uint32_t cluster, double distance) {
          tally.add(batch, r, row, cluster, distance);
        });
  };
  QUERN_TRY(const auto rows,
            scan(s.use.query, connection, Progress::Stage::evaluate, control, take));
  if (rows == 0) {
    return Diagnostic{Code::no_rows, "the query returned no rows: there is nothing to evaluate",
                      s.use.query.span};
  }
  QUERN_CHECK(tally.finish(control.cancel));
  EvaluateSummary summary;
  tally.note_sample(summary);
  const auto value_of = [&](const ir::Assertion& assertion) {
    return assertion.metric ? tally.value(*assertion.metric) : static_cast<double>(tally.rows());
  };
  QUERN_CHECK(check_assertions(s, value_of, summary));
  RowWriter out(s.output, sink);
  QUERN_CHECK(s.report == ir::Report::per_cluster ? write_clusters(tally, out)
                                                  : write_metrics(s, tally, out, summary));
  QUERN_TRY(summary.rows, out.finish());
  return summary;
}

}  // namespace

Result<EvaluateSummary> evaluate_unlabelled(const ir::Evaluate& s, Connection& connection,
                                            Sink& sink, const Control& control) {
  QUERN_TRY(const auto scorer, open_scorer(s.use, connection, control.models, control.scoring));
  QUERN_TRY(const auto model, open_unlabelled(s.use, connection, control.models));
  Scored scored(s, *scorer, *model);
  QUERN_TRY(auto summary, s.report == ir::Report::rows
                              ? write_rows(s, scored, connection, sink, control)
                              : write_report(s, scored, connection, sink, control));
  QUERN_CHECK(sink.finish());
  return summary;
}

}  // namespace quern::runtime
