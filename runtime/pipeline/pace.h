#pragma once
// How many rows are worked on between two looks at the request to stop.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/cancel.h"
#include "base/elapsed.h"
#include "runtime/pipeline/slice.h"

namespace quern::runtime {

/// Learns from each piece how long rows take, so that a request is seen in time however slow they
/// are, and batches are seldom cut where they are fast. Threads: any.
class Pace {
 public:
  /// Hands a batch on in pieces. Errors: cancelled, without a span; those of `take`.
  template <typename Take>
  Result<void> each(const ColumnBatch& batch, const CancelToken& cancel, const Take& take) {
    for (std::int64_t first = 0; first < batch.rows;) {
      if (cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
      const auto rows = std::min(rows_.load(std::memory_order_relaxed), batch.rows - first);
      const auto start = std::chrono::steady_clock::now();
      QUERN_CHECK(take(rows == batch.rows ? batch : slice(batch, first, rows)));
      took(rows, seconds_since(start));
      first += rows;
    }
    return {};
  }

 private:
  static constexpr double kSeconds = 0.1;

  void took(std::int64_t rows, double seconds) {
    const double affordable = static_cast<double>(rows) * kSeconds / std::max(seconds, 1e-9);
    const double most = 4.0 * static_cast<double>(rows_.load(std::memory_order_relaxed));
    const double next = std::clamp(affordable, 8.0, std::min(most, 1e9));
    // Slices begin at multiples of 8.
    rows_.store(static_cast<std::int64_t>(next) / 8 * 8, std::memory_order_relaxed);
  }

  std::atomic<std::int64_t> rows_ = 64;
};

}  // namespace quern::runtime
