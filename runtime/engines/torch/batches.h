#pragma once
// Rows of a block in batches, with what they are measured against.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "runtime/engines/torch/loss.h"
#include "runtime/engines/torch/random.h"
#include "runtime/engines/torch/row_reader.h"
#include "runtime/engines/torch/tower_input.h"

namespace quern::runtime::training {

/// The order of a block's rows, cut into batches. A last batch of one row goes with the one before,
/// for a batch norm cannot learn from it.
class Batches {
 public:
  /// \param random  shuffles; null: the block's own order
  Batches(std::int64_t rows, std::int64_t batch_rows, Random* random);
  /// The next batch; empty behind the last one.
  std::span<const std::int64_t> next();

 private:
  std::vector<std::int64_t> order_;
  std::int64_t batch_rows_;
  std::int64_t done_ = 0;
};

/// How many batches Batches makes of so many rows.
std::int64_t batch_count(std::int64_t rows, std::int64_t batch_rows);

/// Labels and weights of batches, gathered.
class TruthReader {
 public:
  /// \param task  its network is as ir::check() accepts it; it must outlive the reader
  explicit TruthReader(const NetworkTask& task)
      : task_(task), blocks_(lay_out_blocks(task.network)) {}
  /// Of rows of the block; it stands until the next call. Error: engine_failed, a label that the
  /// loss cannot take.
  Result<Truth> read(const RowBlock& block, std::span<const std::int64_t> rows);

 private:
  bool gives_back_input() const {
    return task_.loss == Loss::reconstruction && task_.targets.empty();
  }
  std::int32_t outputs() const;
  void read_labels(const RowBlock& block, std::span<const std::int64_t> rows);
  void read_weights(const RowBlock& block, std::span<const std::int64_t> rows);
  Result<void> check() const;

  const NetworkTask& task_;
  TowerLayout blocks_;
  TowerInput input_;
  std::vector<float> labels_;
  std::vector<float> weights_;
};

}  // namespace quern::runtime::training
