// K-means over pages: a sample to begin with, then pass after pass.

#include <algorithm>
#include <cmath>
#include <exception>
#include <new>
#include <optional>

#include "base/format.h"
#include "runtime/engines/cluster_engine.h"
#include "runtime/engines/clusters/find_clusters.h"
#include "runtime/engines/clusters/kmeans.h"
#include "runtime/engines/clusters/matrix_reader.h"

namespace quern::runtime {
namespace {

using namespace clusters;
using OnRound = std::function<void(const RoundReport&)>;

/// Means by column, and the mean of the columns' variances.
struct Moments {
  double weight = 0;
  std::vector<double> sums, squares;

  void add(const float* row, double w) {
    weight += w;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      sums[c] += w * row[c];
      squares[c] += w * row[c] * row[c];
    }
  }
  std::vector<double> means() const {
    std::vector<double> out = sums;
    for (auto& x : out) x = weight > 0 ? x / weight : 0;
    return out;
  }
  double mean_variance() const {
    double sum = 0;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      const double mean = sums[c] / weight;
      sum += squares[c] / weight - mean * mean;
    }
    return sum / static_cast<double>(sums.size());
  }
};

std::string size_words(const std::vector<std::int64_t>& sizes) {
  std::string out;
  for (const auto size : sizes) out += (out.empty() ? "" : " ") + std::to_string(size);
  return out;
}

class KMeans {
 public:
  KMeans(const ClusterTask& task, const CancelToken& cancel, const OnRound& on_round)
      : task_(task),
        on_round_(on_round),
        reader_(*task.train, task.network, task.buffer_bytes, cancel),
        clusters_(task.network.outputs) {}

  Result<FoundClusters> run() {
    QUERN_CHECK(draw_sample());
    for (int i = 0; i < std::max(1, task_.restarts); ++i) {
      QUERN_TRY(auto answer, try_once(static_cast<std::uint64_t>(i)));
      if (i == 0 || answer.inertia < best_.inertia) best_ = std::move(answer);
    }
    best_.origin = moments_.means();
    return std::move(best_);
  }

 private:
  /// Each row comes into the sample with the same chance, by seed; all rows where they are few.
  Result<void> draw_sample() {
    const auto most = std::max<std::int64_t>(65536, std::int64_t{64} * clusters_);
    training::Random random(task_.seed, 1);
    std::int64_t left = std::min(most, task_.train->rows());
    std::int64_t rows_left = task_.train->rows();
    sample_.columns = reader_.columns();
    moments_.sums.resize(static_cast<std::size_t>(reader_.columns()));
    moments_.squares.resize(moments_.sums.size());
    return reader_.pass([&](const Chunk& chunk) {
      for (std::int64_t r = 0; r < chunk.rows; ++r) {
        const float* row = chunk.values + r * reader_.columns();
        moments_.add(row, chunk.weight(r));
        const auto among = static_cast<std::uint64_t>(rows_left--);
        if (left == 0 || random.below(among) >= static_cast<std::uint64_t>(left)) continue;
        sample_.add(row, chunk.weight(r));
        --left;
      }
    });
  }

  Result<FoundClusters> try_once(std::uint64_t number) {
    training::Random random(task_.seed, 2 + number);
    FoundClusters answer;
    answer.centres = choose_centres(sample_, clusters_, random);
    const auto found =
        static_cast<std::int64_t>(answer.centres.size()) / std::max(1, reader_.columns());
    if (found < clusters_) {
      return Diagnostic{Code::engine_failed, counted(found, "distinct row") + " cannot make " +
                                                 counted(clusters_, "cluster")};
    }
    const double enough = task_.tolerance * moments_.mean_variance();
    for (int i = 0; i < task_.iterations; ++i) {
      QUERN_TRY(const double shift, iterate(answer));
      if (shift <= enough) break;
    }
    QUERN_TRY(auto last, look(answer));
    answer.inertia = last.inertia();
    answer.sizes = last.sizes();
    return answer;
  }

  /// Where the rows are by the answer's centres, which `centres_` holds until the next look.
  Result<Iteration> look(const FoundClusters& answer) {
    centres_.emplace(answer.centres, moments_.means());
    Iteration iteration(*centres_, reader_.columns());
    QUERN_CHECK(reader_.pass([&](const Chunk& chunk) {
      for (std::int64_t r = 0; r < chunk.rows; ++r) {
        iteration.add(chunk.values + r * reader_.columns(), chunk.weight(r));
      }
    }));
    return iteration;
  }

  /// Moves the centres; the sum of their squared shifts.
  Result<double> iterate(FoundClusters& answer) {
    QUERN_TRY(auto iteration, look(answer));
    RoundReport report{static_cast<int>(answer.history.size()) + 1,
                       task_.iterations,
                       {{"train", "inertia", iteration.inertia()}}};
    if (on_round_) on_round_(report);
    answer.history.push_back(std::move(report));
    const auto means = iteration.means();
    double shift = 0;
    for (std::size_t i = 0; i < means.size(); ++i) {
      const double d = means[i] - answer.centres[i];
      shift += d * d;
    }
    answer.centres = means;
    return shift;
  }

  const ClusterTask& task_;
  const OnRound& on_round_;
  MatrixReader reader_;
  std::int32_t clusters_;
  Points sample_;
  Moments moments_;
  std::optional<Centres> centres_;
  FoundClusters best_;
};

TrainedModel make_model(const ClusterTask& task, FoundClusters found) {
  TrainedModel model;
  model.format = "quern.network";
  model.history = std::move(found.history);
  model.library = "Quern";
  const Centres centres(std::move(found.centres), found.origin);
  model.payload = make_payload(task.network, centres.weights(), centres.biases(),
                               {{"inertia", format_double(found.inertia)},
                                {"iterations", std::to_string(model.history.size())},
                                {"origin", number_words(found.origin)},
                                {"sizes", size_words(found.sizes)}});
  return model;
}

}  // namespace

Result<clusters::FoundClusters> clusters::find_clusters(const ClusterTask& task,
                                                        const CancelToken& cancel,
                                                        const OnRound& on_round) {
  QUERN_CHECK(check_flat(task.network));
  if (task.train == nullptr || task.train->rows() == 0) {
    return Diagnostic{Code::no_rows, "there are no rows to find clusters in"};
  }
  try {
    return KMeans(task, cancel, on_round).run();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "no memory is left to find clusters"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::engine_failed, e.what()};
  }
}

Result<TrainedModel> fit_kmeans(const ClusterTask& task, const CancelToken& cancel,
                                const OnRound& on_round) {
  QUERN_TRY(auto found, clusters::find_clusters(task, cancel, on_round));
  return make_model(task, std::move(found));
}

}  // namespace quern::runtime
