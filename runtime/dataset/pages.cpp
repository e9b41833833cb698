// Pages in memory.

#include "runtime/dataset/pages.h"

#include <algorithm>

namespace quern::runtime {

PageStore::PageStore(std::int32_t features, std::int64_t page_rows, bool weighted)
    : features_(features), page_rows_(page_rows), weighted_(weighted) {}

void PageStore::add_page(std::int64_t capacity) {
  const auto rows = static_cast<std::size_t>(capacity);
  Page page{.capacity = capacity};
  // Not zeroed: memory that no row reaches is never touched.
  page.features =
      std::make_unique_for_overwrite<float[]>(rows * static_cast<std::size_t>(features_));
  page.labels = std::make_unique_for_overwrite<float[]>(rows);
  if (weighted_) page.weights = std::make_unique_for_overwrite<float[]>(rows);
  pages_.push_back(std::move(page));
}

PageStore::Slot PageStore::reserve(std::int64_t rows) {
  if (pages_.empty() || pages_.back().rows + rows > pages_.back().capacity) {
    add_page(std::max(page_rows_, rows));
  }
  auto& page = pages_.back();
  const auto at = page.rows;
  page.rows += rows;
  rows_ += rows;
  return {page.features.get() + at, page.capacity, page.labels.get() + at,
          weighted_ ? page.weights.get() + at : nullptr};
}

Result<bool> PageStore::next(PageView& view) {
  if (next_ == pages_.size()) return false;
  const auto& page = pages_[next_++];
  view = {page.features.get(), page.capacity, page.rows, page.labels.get(), page.weights.get()};
  return true;
}

}  // namespace quern::runtime
