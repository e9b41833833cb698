// Pages in memory and in files.

#include "runtime/dataset/pages.h"

#include <algorithm>
#include <optional>

namespace quern::runtime {

namespace {

/// Not zeroed: memory that no row reaches is never touched.
template <typename T>
std::unique_ptr<T[]> room_for(std::int64_t rows, std::int32_t columns = 1) {
  const auto size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  return size == 0 ? nullptr : std::make_unique_for_overwrite<T[]>(size);
}

/// A pointer some elements on; null stays null.
template <typename T>
T* at(T* values, std::int64_t first) {
  return values == nullptr ? nullptr : values + first;
}

}  // namespace

PageStore::PageStore(std::int32_t features, std::int64_t page_rows, RowShape shape)
    : features_(features), page_rows_(page_rows), shape_(shape) {}

void PageStore::add_page(std::int64_t capacity) {
  if (!pages_.empty()) {
    pages_.back().features.rest();
    if (pages_.back().waiting) pages_.back().waiting->rest();
  }
  Page page{.capacity = capacity,
            .features = make_block(static_cast<std::size_t>(capacity) *
                                   static_cast<std::size_t>(features_))};
  page.labels = room_for<float>(capacity);
  if (shape_.weighted) page.weights = room_for<float>(capacity);
  if (shape_.marked) page.marks = room_for<std::uint8_t>(capacity);
  if (shape_.grouped) page.groups = room_for<std::uint32_t>(capacity);
  if (shape_.bounded) page.upper_bounds = room_for<float>(capacity);
  page.margins = room_for<float>(capacity, shape_.margins);
  page.sparse.resize(shape_.sparse);
  if (shape_.waiting > 0) {
    page.waiting = make_block(2 * static_cast<std::size_t>(capacity) *
                              static_cast<std::size_t>(shape_.waiting));
  }
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
  const auto first = page.rows;
  page.rows += rows;
  rows_ += rows;
  return {.features = page.features.data() + first,
          .stride = page.capacity,
          .labels = page.labels.get() + first,
          .weights = at(page.weights.get(), first),
          .marks = at(page.marks.get(), first),
          .groups = at(page.groups.get(), first),
          .upper_bounds = at(page.upper_bounds.get(), first),
          .margins = at(page.margins.get(), first),
          .waiting = page.waiting ? waiting_of(page, 0).data() + first : nullptr,
          .sparse = &page.sparse};
}

std::int64_t PageStore::whole_groups(std::int64_t count) const {
  if (!shape_.grouped || count <= 0) return count;
  std::optional<std::uint32_t> group;  // that of the count-th row from behind, once it is reached
  std::int64_t behind = 0;             // rows from the one at hand on
  for (auto page = pages_.rbegin(); page != pages_.rend(); ++page) {
    for (auto row = page->rows - 1; row >= 0; --row) {
      if (group && page->groups[row] != *group) return behind;
      if (++behind == count) group = page->groups[row];
    }
  }
  return behind;
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

/// Moves the marked values to the end.
template <typename T>
void partition(T* values, const std::uint8_t* marks, std::int64_t rows) {
  if (values == nullptr) return;
  std::vector<T> held;
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

/// The same of sparse rows.
void partition(codegen::SparseRows& group, const std::uint8_t* marks) {
  codegen::SparseRows out;
  for (const std::uint8_t side : {std::uint8_t{0}, std::uint8_t{1}}) {
    for (std::int64_t r = 0; r < group.rows(); ++r) {
      if (marks[r] != side) continue;
      const auto row = group.row(r);
      out.entries.insert(out.entries.end(), row.begin(), row.end());
      out.end_row();
    }
  }
  group = std::move(out);
}

}  // namespace

void PageStore::split(Page& page) {
  const auto* marks = page.marks.get();
  page.kept = std::count(marks, marks + page.rows, std::uint8_t{0});
  for (std::int32_t f = 0; f < features_; ++f) {
    partition(page.features.data() + f * page.capacity, marks, page.rows);
  }
  page.features.rest();
  for (auto& group : page.sparse) partition(group, marks);
  for (std::int32_t m = 0; m < shape_.margins; ++m) {
    partition(page.margins.get() + m * page.capacity, marks, page.rows);
  }
  partition(page.labels.get(), marks, page.rows);
  partition(page.weights.get(), marks, page.rows);
  partition(page.groups.get(), marks, page.rows);
  partition(page.upper_bounds.get(), marks, page.rows);
}

void PageStore::drop_group(std::size_t g) {
  for (auto& page : pages_) page.sparse.erase(page.sparse.begin() + static_cast<std::ptrdiff_t>(g));
}

void PageStore::drop_feature(std::int32_t f) {
  for (auto& page : pages_) {
    float* begin = page.features.data();
    std::copy(begin + (f + 1) * page.capacity, begin + features_ * page.capacity,
              begin + f * page.capacity);
    page.features.rest();
  }
  --features_;
}

void PageStore::drop_waiting() {
  for (auto& page : pages_) page.waiting.reset();
}

void PageStore::split() {
  for (auto& page : pages_) split(page);
}

PageView PageStore::view(const Page& page, std::int64_t first, std::int64_t rows) {
  return {.features = page.features.data() + first,
          .capacity = page.capacity,
          .rows = rows,
          .labels = page.labels.get() + first,
          .weights = at(page.weights.get(), first),
          .groups = at(page.groups.get(), first),
          .upper_bounds = at(page.upper_bounds.get(), first),
          .margins = at(page.margins.get(), first),
          .sparse = page.sparse,
          .first = first};
}

class PageStore::Part final : public PageSource {
 public:
  Part(const PageStore& store, bool validation) : store_(store), validation_(validation) {
    for (const auto& page : store_.pages_) rows_ += rows_of(page);
  }

  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return store_.features(); }
  void rewind() override { next_ = 0; }
  Result<bool> next(PageView& view) override {
    if (next_ >= store_.pages_.size()) return false;
    const auto& page = store_.show(next_++);
    view = PageStore::view(page, validation_ ? page.kept : 0, rows_of(page));
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

Result<bool> PageStore::next(PageView& page) {
  if (next_ >= pages_.size()) return false;
  const auto& held = show(next_++);
  page = view(held, 0, held.rows);
  return true;
}

}  // namespace quern::runtime
