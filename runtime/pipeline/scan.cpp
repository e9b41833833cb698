// One loop over the rows of a query.

#include "runtime/pipeline/scan.h"

#include <algorithm>
#include <chrono>

#include "base/elapsed.h"
#include "runtime/pipeline/pace.h"
#include "runtime/pipeline/read_ahead.h"

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

}  // namespace

Result<std::int64_t> scan(const ir::Query& query, Connection& connection, Progress::Stage stage,
                          const Control& control,
                          const std::function<Result<void>(const ColumnBatch&)>& take) {
  auto execution = connection.fetch(query.text, query.used);
  if (!execution) return moved(std::move(execution).errors(), query);
  Progress progress{.stage = stage};
  const auto start = Clock::now();
  Pace pace;
  ReadAhead rows(*execution, control.on_note);
  while (true) {
    if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    ColumnBatch batch;
    auto more = rows.next(batch);
    if (!more) return moved(std::move(more).errors(), query);
    if (!*more) return progress.rows;
    auto taken = pace.each(batch, control.cancel, take);
    if (!taken) return placed(std::move(taken).errors(), query);
    progress.rows += batch.rows;
    progress.seconds = seconds_since(start);
    control.on_progress(progress);
  }
}

}  // namespace quern::runtime
