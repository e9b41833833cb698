// One loop over the rows of a query.

#include "runtime/pipeline/scan.h"

#include <algorithm>
#include <chrono>

#include "base/elapsed.h"
#include "runtime/pipeline/read_ahead.h"
#include "runtime/pipeline/slice.h"

namespace quern::runtime {
namespace {

Diagnostics moved(Diagnostics errors, const ir::Query& query) {
  for (auto& error : errors) {
    shift_spans(error, query.span.begin);
    // What a row brought about has no place of its own in the text.
    if (!error.span.known() && error.code != Code::cancelled) error.span = query.span;
  }
  return errors;
}

/// What a reader of the rows found and did not place itself.
Diagnostics placed(Diagnostics errors, const ir::Query& query) {
  for (auto& error : errors) {
    if (!error.span.known() && error.code != Code::cancelled) error.span = query.span;
  }
  return errors;
}

using Clock = std::chrono::steady_clock;

/// How many rows to hand on at once, so that a request to stop is seen in time however slow they
/// are.
class Pace {
 public:
  std::int64_t rows() const { return rows_; }

  void took(std::int64_t rows, double seconds) {
    const double affordable = static_cast<double>(rows) * kSeconds / std::max(seconds, 1e-9);
    const double next = std::clamp(affordable, 8.0, static_cast<double>(4 * rows_));
    rows_ = static_cast<std::int64_t>(next) / 8 * 8;  // slices begin at multiples of 8
  }

 private:
  static constexpr double kSeconds = 0.1;
  std::int64_t rows_ = 64;
};

}  // namespace

Result<std::int64_t> scan(const ir::Query& query, Connection& connection, Progress::Stage stage,
                          const Control& control,
                          const std::function<Result<void>(const ColumnBatch&)>& take) {
  auto execution = connection.fetch(query.text, query.used);
  if (!execution) return moved(std::move(execution).errors(), query);
  Progress progress{.stage = stage};
  const auto start = Clock::now();
  Pace pace;
  const auto hand_on = [&](const ColumnBatch& batch) -> Result<void> {
    for (std::int64_t first = 0; first < batch.rows;) {
      if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
      const auto rows = std::min(pace.rows(), batch.rows - first);
      const auto before = Clock::now();
      QUERN_CHECK(take(rows == batch.rows ? batch : slice(batch, first, rows)));
      pace.took(rows, seconds_since(before));
      first += rows;
    }
    return {};
  };
  ReadAhead rows(*execution, control.on_note);
  while (true) {
    if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    ColumnBatch batch;
    auto more = rows.next(batch);
    if (!more) return moved(std::move(more).errors(), query);
    if (!*more) return progress.rows;
    if (auto taken = hand_on(batch); !taken) return placed(std::move(taken).errors(), query);
    progress.rows += batch.rows;
    progress.seconds = seconds_since(start);
    control.on_progress(progress);
  }
}

}  // namespace quern::runtime
