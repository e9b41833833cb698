// Orders and gathers.

#include "runtime/engines/torch/batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/format.h"

namespace quern::runtime::training {

Batches::Batches(std::int64_t rows, std::int64_t batch_rows, Random* random)
    : order_(static_cast<std::size_t>(rows)), batch_rows_(batch_rows) {
  std::iota(order_.begin(), order_.end(), 0);
  if (random != nullptr) random->shuffle(order_);
}

std::span<const std::int64_t> Batches::next() {
  const auto rows = static_cast<std::int64_t>(order_.size());
  auto end = std::min(rows, done_ + std::min(batch_rows_, rows));
  if (batch_rows_ > 1 && rows - end == 1) end = rows;
  const auto begin = std::exchange(done_, end);
  return std::span<const std::int64_t>(order_).subspan(static_cast<std::size_t>(begin),
                                                       static_cast<std::size_t>(end - begin));
}

std::int64_t batch_count(std::int64_t rows, std::int64_t batch_rows) {
  const auto count = (rows + batch_rows - 1) / batch_rows;
  return count > 1 && batch_rows > 1 && rows % batch_rows == 1 ? count - 1 : count;
}

void TruthReader::read_labels(const RowBlock& block, std::span<const std::int64_t> rows) {
  labels_.clear();
  if (gives_back_input()) {
    read_rows(task_.network.towers.front(), blocks_, block, rows, input_);
    labels_.swap(input_.matrix);
    return;
  }
  const auto of_row = task_.labels;
  for (const auto row : rows) {
    for (const auto column : task_.targets) {
      const float value = block.row(row)[column];
      labels_.push_back(std::isnan(value) ? 0 : value);
    }
    if (!task_.targets.empty()) continue;
    const auto* first = block.labels.data() + row * of_row;
    labels_.insert(labels_.end(), first, first + of_row);
  }
}

void TruthReader::read_weights(const RowBlock& block, std::span<const std::int64_t> rows) {
  weights_.clear();
  if (block.weights.empty()) return;
  for (const auto row : rows) weights_.push_back(block.weights[static_cast<std::size_t>(row)]);
}

Result<void> TruthReader::check() const {
  const bool classes = label_is_class(task_.loss);
  const bool two = task_.loss == Loss::logistic || task_.loss == Loss::hinge;
  const auto end = static_cast<float>(classes ? task_.network.outputs : 2);
  for (const float label : labels_) {
    const bool good = classes || two ? label >= 0 && label < end && label == std::floor(label)
                                     : std::isfinite(label);
    if (good) continue;
    return Diagnostic{Code::engine_failed,
                      "label " + format_float(label) + " is not one the loss can take, expected " +
                          (classes || two ? "a class below " + format_float(end)
                                          : std::string("a finite number"))};
  }
  return {};
}

std::int32_t TruthReader::outputs() const {
  if (gives_back_input() || label_is_class(task_.loss)) return task_.network.outputs;
  return task_.targets.empty() ? task_.labels : static_cast<std::int32_t>(task_.targets.size());
}

Result<Truth> TruthReader::read(const RowBlock& block, std::span<const std::int64_t> rows) {
  const bool of_label = task_.targets.empty() && !gives_back_input();
  if (of_label && std::cmp_less(block.labels.size(), block.rows * task_.labels)) {
    return Diagnostic{Code::engine_failed, "rows have no label to train on"};
  }
  read_labels(block, rows);
  read_weights(block, rows);
  QUERN_CHECK(check());
  return Truth{static_cast<std::int64_t>(rows.size()), outputs(), labels_.data(),
               weights_.empty() ? nullptr : weights_.data()};
}

}  // namespace quern::runtime::training
