// Pages in memory and in files.

#include "runtime/dataset/pages.h"

#include <algorithm>

namespace quern::runtime {

PageStore::PageStore(std::int32_t features, std::int64_t page_rows, bool weighted, bool marked)
    : features_(features), page_rows_(page_rows), weighted_(weighted), marked_(marked) {}

void PageStore::add_page(std::int64_t capacity) {
  const auto rows = static_cast<std::size_t>(capacity);
  if (!pages_.empty()) pages_.back().features.rest();
  // Not zeroed: memory that no row reaches is never touched.
  Page page{.capacity = capacity,
            .features = make_block(rows * static_cast<std::size_t>(features_))};
  page.labels = std::make_unique_for_overwrite<float[]>(rows);
  if (weighted_) page.weights = std::make_unique_for_overwrite<float[]>(rows);
  if (marked_) page.marks = std::make_unique_for_overwrite<std::uint8_t[]>(rows);
  pages_.push_back(std::move(page));
}

FeatureBlock PageStore::make_block(std::size_t size) {
  const auto bytes = static_cast<std::int64_t>(size * sizeof(float));
  if (bytes > memory_left_) return FeatureBlock::in_file(size);
  memory_left_ -= bytes;
  return FeatureBlock::in_memory(size);
}

PageStore::Slot PageStore::reserve(std::int64_t rows) {
  if (pages_.empty() || pages_.back().rows + rows > pages_.back().capacity) {
    add_page(std::max(page_rows_, rows));
  }
  auto& page = pages_.back();
  const auto at = page.rows;
  page.rows += rows;
  rows_ += rows;
  return {page.features.data() + at, page.capacity, page.labels.get() + at,
          weighted_ ? page.weights.get() + at : nullptr, marked_ ? page.marks.get() + at : nullptr};
}

void PageStore::mark_last(std::int64_t count) {
  auto unmarked = rows_ - count;
  for (auto& page : pages_) {
    const auto first = std::clamp<std::int64_t>(unmarked, 0, page.rows);
    std::fill(page.marks.get(), page.marks.get() + first, std::uint8_t{0});
    std::fill(page.marks.get() + first, page.marks.get() + page.rows, std::uint8_t{1});
    unmarked -= first;
  }
}

namespace {

/// Moves the marked values to the end, through `held`.
void partition(float* values, const std::uint8_t* marks, std::int64_t rows,
               std::vector<float>& held) {
  held.clear();
  std::int64_t to = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    if (marks[r] != 0) {
      held.push_back(values[r]);
    } else {
      values[to++] = values[r];
    }
  }
  std::copy(held.begin(), held.end(), values + to);
}

}  // namespace

void PageStore::split() {
  std::vector<float> held;
  for (auto& page : pages_) {
    const auto* marks = page.marks.get();
    page.kept = std::count(marks, marks + page.rows, std::uint8_t{0});
    for (std::int32_t f = 0; f < features_; ++f) {
      partition(page.features.data() + f * page.capacity, marks, page.rows, held);
    }
    page.features.rest();
    partition(page.labels.get(), marks, page.rows, held);
    if (weighted_) partition(page.weights.get(), marks, page.rows, held);
  }
}

class PageStore::Part final : public PageSource {
 public:
  Part(const PageStore& store, bool validation) : store_(store), validation_(validation) {
    for (const auto& page : store_.pages_) rows_ += rows_of(page);
  }

  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return store_.features_; }
  void rewind() override { next_ = 0; }
  Result<bool> next(PageView& view) override {
    if (next_ >= store_.pages_.size()) return false;
    const auto& page = store_.show(next_++);
    const auto at = validation_ ? page.kept : 0;
    view = {page.features.data() + at, page.capacity, rows_of(page), page.labels.get() + at,
            store_.weighted_ ? page.weights.get() + at : nullptr};
    return true;
  }

 private:
  std::int64_t rows_of(const Page& page) const {
    return validation_ ? page.rows - page.kept : page.kept;
  }

  const PageStore& store_;
  bool validation_;
  std::int64_t rows_ = 0;
  std::size_t next_ = 0;
};

std::unique_ptr<PageSource> PageStore::part(bool validation) const {
  return std::make_unique<Part>(*this, validation);
}

const PageStore::Page& PageStore::show(std::size_t index) const {
  pages_[index == 0 ? pages_.size() - 1 : index - 1].features.rest();
  return pages_[index];
}

Result<bool> PageStore::next(PageView& view) {
  if (next_ >= pages_.size()) return false;
  const auto& page = show(next_++);
  view = {page.features.data(), page.capacity, page.rows, page.labels.get(), page.weights.get()};
  return true;
}

}  // namespace quern::runtime
