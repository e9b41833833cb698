// Principal components: means and products in one pass, then eigenvectors.

#include <algorithm>
#include <cmath>
#include <exception>
#include <new>

#include "base/format.h"
#include "runtime/engines/cluster_engine.h"
#include "runtime/engines/clusters/matrix_reader.h"
#include "runtime/engines/clusters/symmetric.h"

namespace quern::runtime {
namespace {

using namespace clusters;

/// Sums of rows and of their products, less the first row: numbers far from 0 lose no digits.
class Covariance {
 public:
  explicit Covariance(std::int32_t columns)
      : columns_(static_cast<std::size_t>(columns)),
        sums_(columns_),
        products_(columns_ * columns_) {}

  void add(const Chunk& chunk) {
    if (origin_.empty() && chunk.rows > 0) {
      origin_.assign(chunk.values, chunk.values + columns_);
    }
    std::vector<double> row(columns_);
    for (std::int64_t r = 0; r < chunk.rows; ++r) {
      const float* values = chunk.values + r * static_cast<std::int64_t>(columns_);
      for (std::size_t c = 0; c < columns_; ++c) row[c] = double{values[c]} - origin_[c];
      add_row(row, chunk.weight(r));
    }
  }
  double weight() const { return weight_; }
  double mean(std::size_t c) const { return origin_[c] + sums_[c] / weight_; }
  /// Row-major, divided by the weight less 1.
  std::vector<double> matrix() const {
    std::vector<double> out(products_.size());
    for (std::size_t a = 0; a < columns_; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        const double value =
            (products_[a * columns_ + b] - sums_[a] * sums_[b] / weight_) / (weight_ - 1);
        out[a * columns_ + b] = out[b * columns_ + a] = value;
      }
    }
    return out;
  }

 private:
  void add_row(const std::vector<double>& row, double weight) {
    weight_ += weight;
    for (std::size_t a = 0; a < columns_; ++a) {
      const double weighted = weight * row[a];
      sums_[a] += weighted;
      double* out = products_.data() + a * columns_;
      for (std::size_t b = 0; b <= a; ++b) out[b] += weighted * row[b];
    }
  }

  std::size_t columns_;
  double weight_ = 0;
  std::vector<float> origin_;
  std::vector<double> sums_, products_;
};

/// The sign of a vector is nobody's choice: its largest entry shall be positive.
void fix_sign(std::vector<double>& vector) {
  const auto largest = *std::max_element(
      vector.begin(), vector.end(), [](double a, double b) { return std::fabs(a) < std::fabs(b); });
  if (largest >= 0) return;
  for (auto& x : vector) x = -x;
}

class Components {
 public:
  Components(const ComponentTask& task, const CancelToken& cancel)
      : task_(task),
        reader_(*task.train, task.network, task.buffer_bytes, cancel),
        count_(static_cast<std::size_t>(task.network.outputs)) {}

  Result<TrainedModel> run() {
    Covariance covariance(reader_.columns());
    QUERN_CHECK(reader_.pass([&](const Chunk& chunk) { covariance.add(chunk); }));
    if (covariance.weight() <= 1) {
      return Diagnostic{Code::engine_failed, "components need two rows or more"};
    }
    const auto columns = static_cast<std::size_t>(reader_.columns());
    auto matrix = covariance.matrix();
    double total = 0;
    for (std::size_t c = 0; c < columns; ++c) total += matrix[c * columns + c];
    auto eigen = find_eigen(std::move(matrix), columns);
    if (eigen.values.empty()) {
      return Diagnostic{Code::engine_failed, "the columns' covariance is not finite"};
    }
    return make_model(covariance, eigen, total);
  }

 private:
  TrainedModel make_model(const Covariance& covariance, Eigen& eigen, double total) const {
    std::vector<double> weights, biases, variances, ratios, means;
    for (std::int32_t c = 0; c < reader_.columns(); ++c)
      means.push_back(covariance.mean(static_cast<std::size_t>(c)));
    for (std::size_t k = 0; k < count_; ++k) {
      auto& vector = eigen.vectors[k];
      fix_sign(vector);
      // Rounding may take a variance of nothing below it.
      variances.push_back(std::max(0.0, eigen.values[k]));
      ratios.push_back(total > 0 ? variances.back() / total : 0);
      const double scale =
          task_.whiten && variances.back() > 0 ? 1 / std::sqrt(variances.back()) : 1;
      double bias = 0;
      for (std::size_t c = 0; c < vector.size(); ++c) {
        weights.push_back(static_cast<float>(vector[c] * scale));
        bias -= weights.back() * means[c];
      }
      biases.push_back(bias);
    }
    double sum = 0;
    for (const double ratio : ratios) sum += ratio;
    TrainedModel model;
    model.format = "quern.network";
    model.library = "Quern";
    model.history = {{1, 1, {{"train", "explained_variance_ratio", sum}}}};
    model.payload = make_payload(task_.network, weights, biases,
                                 {{"explained_variance", number_words(variances)},
                                  {"explained_variance_ratio", number_words(ratios)},
                                  {"origin", number_words(means)}});
    return model;
  }

  const ComponentTask& task_;
  MatrixReader reader_;
  std::size_t count_;
};

}  // namespace

Result<TrainedModel> fit_components(const ComponentTask& task, const CancelToken& cancel) {
  QUERN_CHECK(check_flat(task.network));
  if (task.train == nullptr || task.train->rows() == 0) {
    return Diagnostic{Code::no_rows, "there are no rows to find components in"};
  }
  const auto columns = ir::widths(task.network, task.network.towers.front()).front();
  if (task.network.outputs > columns) {
    return Diagnostic{Code::engine_failed, counted(task.network.outputs, "component") + " of " +
                                               counted(columns, "column")};
  }
  try {
    return Components(task, cancel).run();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "no memory is left to find components"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::engine_failed, e.what()};
  }
}

}  // namespace quern::runtime
