// Rows that are fetched: a statement in a thread of its own, which waits where the caller does not
// keep up.

#include "api/rows.hpp"

#include <csignal>
#include <system_error>
#include <utility>

#include "api/rows_impl.h"

namespace quern {
namespace {

/// Batches that wait for the caller: one is being made while another is looked at.
constexpr std::size_t kMostWaiting = 2;

/// Threads that are begun meanwhile leave signals to those of the program.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Result<void> Rows::Impl::start(std::function<void(Observer&)> statement) {
  const NoSignals around;
  try {
    worker_ = std::thread([this, run = std::move(statement)] {
      run(*this);
      end();
    });
  } catch (const std::system_error& e) {
    return Diagnostic{Code::internal, std::string("cannot begin a thread: ") + e.what()};
  }
  return {};
}

void Rows::Impl::end() noexcept {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool Rows::Impl::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

Result<void> Rows::Impl::await_schema() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return schema_known_ || ended_; });
  if (schema_known_ || errors_.empty()) return {};
  return errors_;
}

/// The thread may stand anywhere: before it began to run, where a request to stop is forgotten, so
/// that each call of the observer makes it anew; or waiting for room, which there is now.
void Rows::Impl::close() noexcept {
  const std::scoped_lock closing(closing_);
  if (!worker_.joinable()) return;
  bool ended = false;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    ended = ended_;
    changed_.notify_all();
  }
  if (!ended) stop_();
  worker_.join();
  const std::scoped_lock lock(mutex_);
  if (ended) return;
  batches_.clear();
  if (errors_.empty()) errors_ = {{Code::cancelled, "cancelled: the rows were ended"}};
}

Result<bool> Rows::Impl::next(ColumnBatch& out) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !batches_.empty() || ended_; });
  if (!batches_.empty()) {
    out = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return true;
  }
  at_end_ = true;
  if (!errors_.empty()) return errors_;
  return false;
}

Diagnostics Rows::Impl::take_notes() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(notes_, {});
}

/// Spans of a file that the text includes would point into nothing that the caller has.
void Rows::Impl::on_source(std::string_view name, std::string_view /*text*/) {
  if (own_source_.empty()) own_source_ = name;
  source_place_ = name == own_source_ ? "" : " (" + std::string(name) + ")";
}

void Rows::Impl::on_schema(const Schema& schema) {
  const std::scoped_lock lock(mutex_);
  schema_ = schema;
  schema_known_ = true;
  changed_.notify_all();
}

void Rows::Impl::on_batch(const ColumnBatch& batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return batches_.size() < kMostWaiting || closed_; });
  if (!closed_) {
    batches_.push_back(batch);
    changed_.notify_all();
    return;
  }
  lock.unlock();
  stop_();
}

void Rows::Impl::on_done(const Done& done) {
  const std::scoped_lock lock(mutex_);
  done_ = done;
}

void Rows::Impl::on_diagnostic(const Diagnostic& problem) {
  auto kept = problem;
  if (!source_place_.empty()) {
    kept.message += source_place_;
    kept.span = SourceSpan::none();
    for (auto& note : kept.notes) note.span = SourceSpan::none();
  }
  const std::scoped_lock lock(mutex_);
  auto& list = kept.severity == Severity::error ? errors_ : notes_;
  list.push_back(std::move(kept));
}

void Rows::Impl::on_progress(const Progress& /*progress*/) {
  if (closed()) stop_();
}

Rows::Rows(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) impl_->close();
  impl_ = std::move(other.impl_);
  return *this;
}
Rows::~Rows() {
  if (impl_) impl_->close();
}

const Schema& Rows::schema() const { return impl_->schema(); }
Result<bool> Rows::next(ColumnBatch& out) { return impl_->next(out); }
const Done* Rows::done() const { return impl_->done(); }
Diagnostics Rows::take_notes() { return impl_->take_notes(); }

}  // namespace quern
