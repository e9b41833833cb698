#pragma once
// Training rows as batches are made of them: copied out of the pages into blocks in which a row
// lies together. Rows that fit into one block are read once; others are read by a thread of their
// own while the block before is trained on.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "runtime/engines/engine.h"

namespace quern::runtime::training {

struct RowBlock {
  std::int64_t rows = 0;
  std::int32_t features = 0;
  std::vector<float> values;   ///< row-major [rows, features]; NaN is NULL
  std::vector<float> labels;   ///< row-major, where a label has several numbers
  std::vector<float> weights;  ///< empty: each row counts once
  std::vector<codegen::SparseRows> sparse;
  std::int64_t bytes = 0;  ///< of all these
  bool last = false;       ///< no rows of the source follow

  void clear();
  const float* row(std::int64_t r) const { return values.data() + r * features; }
  /// Copies a page's rows behind those that are here. Error: engine_failed, rows that have what
  /// networks have no use for.
  Result<void> append(const PageView& page, std::int32_t page_features,
                      std::int32_t page_labels = 1);
};

/// The rows of one source, over and over. Threads: one caller; the source is read by another
/// thread, under `reading`, which all readers of a training share.
class RowReader {
 public:
  /// \param bytes  about what a block may take; one page at least is in it
  /// \param labels  numbers of a row's label
  RowReader(PageSource& source, std::int64_t bytes, std::mutex& reading, std::int32_t labels = 1);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  /// The next block; behind the last one, the first again. It stands until the next call. Errors:
  /// those of the source, out_of_memory, cancelled.
  Result<const RowBlock*> next(const CancelToken& cancel);

 private:
  Result<void> fill(RowBlock& block);
  Result<void> read_pages(RowBlock& block);
  void run();

  PageSource& source_;
  std::int64_t bytes_;
  std::mutex& reading_;
  std::int32_t labels_;
  std::int64_t read_ = 0;  ///< rows of this pass
  RowBlock front_;         ///< the caller's
  bool whole_ = false;     ///< front_ has all rows

  std::mutex mutex_;  ///< of what follows
  std::condition_variable changed_;
  RowBlock back_;                      ///< the thread's while not ready_
  std::optional<Result<void>> ready_;  ///< how reading back_ ended; empty while it is read
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace quern::runtime::training
