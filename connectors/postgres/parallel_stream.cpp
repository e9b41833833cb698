// Part k belongs to lane k modulo their number: while the batches of one part are handed out, the
// other lanes fetch the parts behind it.

#include "connectors/postgres/parallel_stream.h"

#include <utility>

#include "connectors/postgres/stream.h"

namespace quern::postgres {

ParallelRead::ParallelRead(DividedRead what, std::vector<std::shared_ptr<Session>> sessions,
                           std::function<void()> at_end)
    : what_(std::move(what)), at_end_(std::move(at_end)), lanes_(sessions.size()) {
  for (const auto& column : what_.columns) schema_.push_back(column.field);
  for (std::size_t i = 0; i < sessions.size(); ++i) lanes_[i].session = std::move(sessions[i]);
}

Result<bool> ParallelRead::next(ColumnBatch& out) {
  if (ended_) {
    return Diagnostic{Code::database_error, "a later statement on the connection ended these rows"};
  }
  if (!std::exchange(started_, true)) {
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      lanes_[i].thread = std::thread([this, i] { run(i); });
  }
  while (part_ < what_.division.parts()) {
    auto fetched = take(lanes_[part_ % lanes_.size()]);
    if (!fetched.more) {
      stop();
      return std::move(fetched.more).errors();
    }
    if (*fetched.more) {
      out = std::move(fetched.batch);
      return true;
    }
    ++part_;
  }
  stop();
  ended_ = false;  // asked again, this is the end again
  return false;
}

Diagnostics ParallelRead::take_notes() {
  Diagnostics out;
  for (auto& lane : lanes_) {
    for (auto& note : lane.session->take_notices()) out.push_back(std::move(note));
  }
  return out;
}

void ParallelRead::stop() {
  if (std::exchange(ended_, true)) return;
  {
    const std::scoped_lock held(lock_);
    stop_ = true;
    for (auto& lane : lanes_) {
      // A filter may keep the server busy for long before the next row comes.
      if (lane.thread.joinable() && !lane.done) lane.session->interrupt();
    }
  }
  changed_.notify_all();
  for (auto& lane : lanes_) {
    if (lane.thread.joinable()) lane.thread.join();
  }
  if (at_end_) std::exchange(at_end_, nullptr)();
}

void ParallelRead::cancel() noexcept {
  for (auto& lane : lanes_) lane.session->cancel();
}

void ParallelRead::run(std::size_t lane) noexcept {
  auto& mine = lanes_[lane];
  for (auto part = lane; part < what_.division.parts(); part += lanes_.size()) {
    auto more = guarded([&] { return read_part(mine, part); });
    if (more && *more) continue;
    if (!more) put(mine, {.batch = {}, .more = std::move(more)});
    break;
  }
  const std::scoped_lock held(lock_);
  mine.done = true;
}

/// False where nobody wants more.
Result<bool> ParallelRead::read_part(Lane& lane, std::size_t part) {
  const Part place{.query = what_.division.query(part),
                   .first_page = what_.division.first_page(part)};
  QUERN_TRY(const auto rows, start_part(lane.session, what_.columns, what_.used, what_.sql, place));
  while (true) {
    Fetched fetched;
    fetched.more = rows->next(fetched.batch);
    if (!fetched.more) return std::move(fetched.more).errors();
    const bool more = *fetched.more;
    if (!put(lane, std::move(fetched))) return false;
    if (!more) return true;
  }
}

bool ParallelRead::put(Lane& lane, Fetched fetched) {
  std::unique_lock held(lock_);
  changed_.wait(held, [&] { return stop_ || lane.waiting.size() < kAhead; });
  if (stop_) return false;
  lane.waiting.push_back(std::move(fetched));
  changed_.notify_all();
  return true;
}

ParallelRead::Fetched ParallelRead::take(Lane& lane) {
  std::unique_lock held(lock_);
  changed_.wait(held, [&] { return !lane.waiting.empty(); });
  auto out = std::move(lane.waiting.front());
  lane.waiting.pop_front();
  changed_.notify_all();
  return out;
}

}  // namespace quern::postgres
