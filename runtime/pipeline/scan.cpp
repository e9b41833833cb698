// One loop over the rows of a query.

#include "runtime/pipeline/scan.h"

#include <chrono>

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

}  // namespace

Result<std::int64_t> scan(const ir::Query& query, Connection& connection, Progress::Stage stage,
                          const Control& control,
                          const std::function<Result<void>(const ColumnBatch&)>& take) {
  auto execution = connection.execute(query.text);
  if (!execution) return moved(std::move(execution).errors(), query);
  Progress progress{.stage = stage};
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    if (control.cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    ColumnBatch batch;
    auto more = execution->rows->next(batch);
    if (!more) return moved(std::move(more).errors(), query);
    if (!*more) return progress.rows;
    QUERN_CHECK(take(batch));
    progress.rows += batch.rows;
    progress.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    control.on_progress(progress);
  }
}

}  // namespace quern::runtime
