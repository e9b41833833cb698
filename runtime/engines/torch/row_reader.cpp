// Copies pages into rows, tile by tile so that both sides stay in the cache, and hands blocks over.

#include "runtime/engines/torch/row_reader.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace quern::runtime::training {
namespace {

constexpr std::int64_t kTile = 64;

/// Row-major what is column-major, `stride` from a column to the next.
void transpose(const float* from, std::int64_t stride, std::int64_t rows, std::int32_t columns,
               std::vector<float>& to) {
  const auto before = to.size();
  to.resize(before + static_cast<std::size_t>(rows * columns));
  float* out = to.data() + before;
  for (std::int64_t first = 0; first < rows; first += kTile) {
    const auto end = std::min(first + kTile, rows);
    for (std::int32_t c = 0; c < columns; ++c) {
      const float* column = from + c * stride;
      for (auto r = first; r < end; ++r) out[r * columns + c] = column[r];
    }
  }
}

void append_group(const codegen::SparseRows& from, std::int64_t first, std::int64_t rows,
                  codegen::SparseRows& to) {
  for (auto r = first; r < first + rows; ++r) {
    const auto row = from.row(r);
    to.entries.insert(to.entries.end(), row.begin(), row.end());
    to.end_row();
  }
}

}  // namespace

void RowBlock::clear() {
  rows = bytes = 0;
  values.clear();
  labels.clear();
  weights.clear();
  for (auto& group : sparse) group.clear();
  last = false;
}

Result<void> RowBlock::append(const PageView& page, std::int32_t page_features,
                              std::int32_t page_labels) {
  if (page.groups != nullptr || page.upper_bounds != nullptr || page.margins != nullptr) {
    return Diagnostic{Code::engine_failed,
                      "a network cannot use ranked groups, upper bounds or base margins"};
  }
  features = page_features;
  transpose(page.features, page.capacity, page.rows, features, values);
  if (page.labels != nullptr) transpose(page.labels, page.capacity, page.rows, page_labels, labels);
  if (page.weights != nullptr)
    weights.insert(weights.end(), page.weights, page.weights + page.rows);
  sparse.resize(page.sparse.size());
  bytes = 0;
  for (std::size_t g = 0; g < sparse.size(); ++g) {
    append_group(page.sparse[g], page.first, page.rows, sparse[g]);
    bytes += static_cast<std::int64_t>(sparse[g].entries.size() * sizeof(codegen::SparseEntry) +
                                       sparse[g].offsets.size() * sizeof(std::int64_t));
  }
  bytes +=
      static_cast<std::int64_t>((values.size() + labels.size() + weights.size()) * sizeof(float));
  rows += page.rows;
  return {};
}

RowReader::RowReader(PageSource& source, std::int64_t bytes, std::mutex& reading,
                     std::int32_t labels)
    : source_(source), bytes_(bytes), reading_(reading), labels_(labels) {}

RowReader::~RowReader() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<void> RowReader::fill(RowBlock& block) {
  try {
    block.clear();
    return read_pages(block);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "no memory is left for a block of training rows"};
  } catch (const std::exception& e) {  // would end the program where this is the reading thread
    return Diagnostic{Code::engine_failed, std::string("cannot read training rows: ") + e.what()};
  }
}

Result<void> RowReader::read_pages(RowBlock& block) {
  while (block.bytes < bytes_ && !block.last) {
    const std::lock_guard lock(reading_);
    if (read_ == 0) source_.rewind();
    // Another reader may have used the source's page: what is shown is copied before it ends.
    PageView page;
    QUERN_TRY(const bool more, source_.next(page));
    if (more) {
      QUERN_CHECK(block.append(page, source_.features(), labels_));
    }
    read_ += more ? page.rows : 0;
    block.last = !more || read_ >= source_.rows();
    if (block.last) read_ = 0;
  }
  return {};
}

void RowReader::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (ready_.has_value()) {
      changed_.wait(lock);
      continue;
    }
    lock.unlock();
    auto done = fill(back_);
    lock.lock();
    ready_ = std::move(done);
    changed_.notify_all();
  }
}

Result<const RowBlock*> RowReader::next(const CancelToken& cancel) {
  if (whole_) return &front_;
  if (!thread_.joinable()) {
    QUERN_CHECK(fill(front_));
    whole_ = front_.last;
    if (!whole_) thread_ = std::thread([this] { run(); });
    return &front_;
  }
  std::unique_lock lock(mutex_);
  while (!ready_.has_value()) {
    if (cancel.requested()) return Diagnostic{Code::cancelled, "training was cancelled"};
    changed_.wait_for(lock, std::chrono::milliseconds(100));
  }
  QUERN_CHECK(*std::exchange(ready_, std::nullopt));
  std::swap(front_, back_);
  changed_.notify_all();
  return &front_;
}

}  // namespace quern::runtime::training
