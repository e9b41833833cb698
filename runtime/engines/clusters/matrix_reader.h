#pragma once
// The rows of a source as a dense matrix, a chunk at a time, as often as one likes.

#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "compiler/ir/network.h"
#include "compiler/ir/tensors.h"
#include "runtime/engines/torch/row_reader.h"
#include "runtime/engines/torch/tower_input.h"

namespace quern::runtime::clusters {

struct Chunk {
  std::int64_t first = 0;  ///< the number of its first row in the source
  std::int64_t rows = 0;
  const float* values = nullptr;   ///< row-major [rows, columns]; NULL is 0
  const float* weights = nullptr;  ///< [rows], or null for 1

  double weight(std::int64_t row) const { return weights == nullptr ? 1 : weights[row]; }
};

/// Checks that a network is one tower of blocks that learn nothing and one linear layer with a
/// bias. Error: engine_failed.
Result<void> check_flat(const ir::Network& network);

/// Threads: one at a time.
class MatrixReader {
 public:
  /// \param network  whose first tower's blocks make the columns; it must outlive the reader
  MatrixReader(PageSource& source, const ir::Network& network, std::int64_t bytes,
               const CancelToken& cancel);

  std::int32_t columns() const { return layout_.columns; }
  /// Calls `take` with all rows, in order. Errors: those of the source, cancelled.
  Result<void> pass(const std::function<void(const Chunk&)>& take);

 private:
  const ir::Tower& tower_;
  std::int32_t features_;
  std::size_t groups_;
  training::TowerLayout layout_;
  const CancelToken& cancel_;
  std::mutex reading_;
  training::RowReader reader_;
  training::TowerInput input_;
  std::vector<std::int64_t> numbers_;
};

/// The payload of a network with one linear layer of these weights [outputs, columns] and biases.
std::vector<std::uint8_t> make_payload(const ir::Network& network,
                                       const std::vector<double>& weights,
                                       const std::vector<double>& biases,
                                       std::vector<std::pair<std::string, std::string>> texts);

/// Numbers in words, with blanks between.
std::string number_words(const std::vector<double>& numbers);

}  // namespace quern::runtime::clusters
