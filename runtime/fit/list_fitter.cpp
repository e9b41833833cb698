// Holding, then passing on.

#include "runtime/fit/list_fitter.h"

#include <utility>

namespace quern::runtime {

ListFitter::ListFitter(plan::Train& plan, std::optional<std::int64_t> memory)
    : plan_(plan), memory_(memory), lengths_(plan.statement) {
  if (!ir::is_open(plan.statement.program)) open();
}

void ListFitter::open() {
  fitter_.emplace(plan_);
  if (memory_) fitter_->keep_in_memory(*memory_);
}

Result<void> ListFitter::add(ColumnBatch batch) {
  lengths_.observe(batch);
  if (fitter_) {
    fitter_->add(batch);
    return {};
  }
  held_.push_back(std::move(batch));
  return lengths_.known() ? begin() : Result<void>();
}

Result<void> ListFitter::begin() {
  if (lengths_.known()) QUERN_CHECK(plan::settle_lists(plan_, lengths_.lengths()));
  open();
  for (const auto& batch : std::exchange(held_, {})) fitter_->add(batch);
  return {};
}

Result<Fitted> ListFitter::finish() {
  auto errors = lengths_.check();
  if (!errors.empty()) return errors;
  if (!fitter_) QUERN_CHECK(begin());  // no row: the fitter says so
  return fitter_->finish();
}

}  // namespace quern::runtime
