// Pages in memory and in files.

#include "runtime/dataset/pages.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace quern::runtime {

namespace {

constexpr std::int64_t kValueBytes = sizeof(float);
constexpr std::size_t kMostSparseBytes = std::size_t{16} << 20;

/// Lays arrays out in a block, one behind the other.
class Layout {
 public:
  explicit Layout(float* at) : at_(at) {}

  /// Room for so many values; null for none. Larger types come first, for their alignment.
  template <typename T>
  T* take(std::int64_t values) {
    if (values == 0) return nullptr;
    auto* out = reinterpret_cast<T*>(at_);
    static_assert(sizeof(T) <= 8);
    at_ += values * (sizeof(T) == 8 ? 2 : 1);
    return out;
  }

 private:
  float* at_;
};

/// A pointer some elements on; null stays null.
template <typename T>
T* at(T* values, std::int64_t first) {
  return values == nullptr ? nullptr : values + first;
}

}  // namespace

PageStore::PageStore(std::int32_t features, std::int64_t page_rows, plan::RowShape shape)
    : features_(features), page_rows_(page_rows), shape_(shape) {}

void PageStore::add_page(std::int64_t capacity) {
  if (!pages_.empty()) {
    pages_.back().block.rest();
    if (pages_.back().waiting) pages_.back().waiting->rest();
    count_sparse(pages_.back());
  }
  auto page = make_page(capacity);
  page.sparse = SparseBlock(shape_.sparse);
  if (shape_.waiting > 0) page.waiting = make_block(2 * capacity * shape_.waiting);
  pages_.push_back(std::move(page));
}

void PageStore::keep_in_memory(std::int64_t bytes) {
  const auto at_work = page_rows_ * plan::row_columns(shape_, features_) * kValueBytes;
  memory_left_ = std::max<std::int64_t>(bytes - at_work, 0);
}

Page PageStore::make_page(std::int64_t capacity) {
  const auto if_has = [&](bool has) { return has ? capacity : 0; };
  const auto columns = plan::row_columns(shape_, features_) - 2 * shape_.waiting;
  Page page{.block = make_block(capacity * columns), .capacity = capacity};
  Layout layout(page.block.data());
  page.draws = layout.take<std::uint64_t>(if_has(shape_.drawn));
  page.features = layout.take<float>(capacity * features_);
  page.labels = layout.take<float>(capacity * shape_.labels);
  page.weights = layout.take<float>(if_has(shape_.weighted));
  page.upper_bounds = layout.take<float>(if_has(shape_.bounded));
  page.margins = layout.take<float>(capacity * shape_.margins);
  page.groups = layout.take<std::uint32_t>(if_has(shape_.grouped));
  page.marks = layout.take<std::uint8_t>(if_has(shape_.marked));
  return page;
}

FeatureBlock PageStore::make_block(std::int64_t size) {
  const auto bytes = size * kValueBytes;
  if (bytes > memory_left_) return FeatureBlock::in_file(static_cast<std::size_t>(size));
  memory_left_ -= bytes;
  return FeatureBlock::in_memory(static_cast<std::size_t>(size));
}

void PageStore::count_sparse(Page& page) {
  if (!page.sparse.in_memory()) return;
  const auto bytes = page.sparse.bytes();
  const auto more = static_cast<std::int64_t>(bytes) - page.sparse_counted;
  if (more > memory_left_) {
    if (!sparse_file_) sparse_file_ = std::make_shared<NamelessFile>();
    page.sparse.move_to(sparse_file_);
    memory_left_ += page.sparse_counted;
    return;
  }
  page.sparse.shrink();
  memory_left_ -= more;
  page.sparse_counted = static_cast<std::int64_t>(bytes);
}

PageStore::Slot PageStore::reserve(std::int64_t rows) {
  if (pages_.empty() || pages_.back().rows + rows > pages_.back().capacity ||
      pages_.back().sparse.bytes() > kMostSparseBytes) {
    add_page(std::max(page_rows_, rows));
  }
  auto& page = pages_.back();
  const auto first = page.rows;
  page.rows += rows;
  rows_ += rows;
  return {.features = page.features + first,
          .stride = page.capacity,
          .labels = page.labels + first,
          .weights = at(page.weights, first),
          .marks = at(page.marks, first),
          .draws = at(page.draws, first),
          .groups = at(page.groups, first),
          .upper_bounds = at(page.upper_bounds, first),
          .margins = at(page.margins, first),
          .waiting = page.waiting ? waiting_of(page, 0).data() + first : nullptr,
          .sparse = &page.sparse.groups()};
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
    page->block.rest();
  }
  return behind;
}

void PageStore::mark_last(std::int64_t count, std::int64_t test) {
  auto first = rows_ - test - count;  // of validation, counted from the page's first row
  auto second = rows_ - test;
  for (auto& page : pages_) {
    const auto at = [&](std::int64_t row) {
      return page.marks + std::clamp<std::int64_t>(row, 0, page.rows);
    };
    std::fill(page.marks, at(first), std::uint8_t{0});
    std::fill(at(first), at(second), std::uint8_t{1});
    std::fill(at(second), page.marks + page.rows, std::uint8_t{2});
    first -= page.rows;
    second -= page.rows;
    page.block.rest();
  }
}

namespace {

using Order = std::vector<std::uint32_t>;

/// The rows of a page, those of the least mark first.
Order by_mark(const std::uint8_t* marks, std::int64_t rows) {
  Order out(static_cast<std::size_t>(rows));
  std::iota(out.begin(), out.end(), 0U);
  std::stable_sort(out.begin(), out.end(), [&](auto a, auto b) { return marks[a] < marks[b]; });
  return out;
}

template <typename T>
void reorder(T* values, const Order& order) {
  if (values == nullptr) return;
  std::vector<T> held(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) held[i] = values[order[i]];
  std::copy(held.begin(), held.end(), values);
}

/// The same of sparse rows.
void reorder(codegen::SparseRows& group, const Order& order) {
  codegen::SparseRows out;
  for (const auto r : order) {
    const auto row = group.row(r);
    out.entries.insert(out.entries.end(), row.begin(), row.end());
    out.end_row();
  }
  group = std::move(out);
}

}  // namespace

void PageStore::split() {
  for (auto& page : pages_) {
    const auto order = by_mark(page.marks, page.rows);
    for (std::int32_t f = 0; f < features_; ++f) reorder(page.features + f * page.capacity, order);
    page.sparse.edit([&](auto& groups) {
      for (auto& group : groups) reorder(group, order);
    });
    for (std::int32_t m = 0; m < shape_.margins; ++m)
      reorder(page.margins + m * page.capacity, order);
    for (std::int32_t n = 0; n < shape_.labels; ++n)
      reorder(page.labels + n * page.capacity, order);
    reorder(page.weights, order);
    reorder(page.groups, order);
    reorder(page.upper_bounds, order);
    reorder(page.marks, order);
    page.block.rest();
  }
}

void PageStore::drop_group(std::size_t g) {
  const auto at = static_cast<std::ptrdiff_t>(g);
  for (auto& page : pages_)
    page.sparse.edit([&](auto& groups) { groups.erase(groups.begin() + at); });
}

void PageStore::drop_feature(std::int32_t f) {
  for (auto& page : pages_) {
    float* begin = page.features;
    std::copy(begin + (f + 1) * page.capacity, begin + features_ * page.capacity,
              begin + f * page.capacity);
    page.block.rest();
  }
  --features_;
}

void PageStore::drop_waiting() {
  for (auto& page : pages_) page.waiting.reset();
}

Result<bool> PageStore::show_rows(const Page& page, std::int64_t first, std::int64_t rows,
                                  SparseBlock::Groups& loaded, PageView& view) {
  view = {.features = page.features + first,
          .capacity = page.capacity,
          .rows = rows,
          .labels = page.labels + first,
          .weights = at(page.weights, first),
          .groups = at(page.groups, first),
          .upper_bounds = at(page.upper_bounds, first),
          .margins = at(page.margins, first),
          .sparse = page.sparse.groups(),
          .first = first};
  if (page.sparse.in_memory()) return true;
  try {
    loaded = page.sparse.load();
  } catch (const std::system_error& error) {
    return no_room_for_rows(error);
  }
  view.sparse = loaded;
  return true;
}

class PageStore::Part final : public PageSource {
 public:
  Part(const PageStore& store, std::span<const std::uint8_t> marks) : store_(store) {
    for (std::size_t p = 0; p < store_.pages_.size(); ++p) {
      const auto& page = store_.pages_[p];
      for (std::int64_t first = 0; first < page.rows;) {
        const auto end = end_of_run(page, first);
        if (std::find(marks.begin(), marks.end(), page.marks[first]) != marks.end())
          add(p, first, end);
        first = end;
      }
      page.block.rest();
    }
  }

  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return store_.features(); }
  void rewind() override { next_ = 0; }
  Result<bool> next(PageView& view) override {
    if (next_ >= stretches_.size()) return false;
    const auto& stretch = stretches_[next_++];
    return show_rows(store_.show(stretch.page), stretch.first, stretch.rows, loaded_, view);
  }

 private:
  /// Rows of one page behind one another.
  struct Stretch {
    std::size_t page;
    std::int64_t first;
    std::int64_t rows;
  };

  static std::int64_t end_of_run(const Page& page, std::int64_t first) {
    return std::upper_bound(page.marks + first, page.marks + page.rows, page.marks[first]) -
           page.marks;
  }

  void add(std::size_t page, std::int64_t first, std::int64_t end) {
    rows_ += end - first;
    auto* last = stretches_.empty() ? nullptr : &stretches_.back();
    if (last != nullptr && last->page == page && last->first + last->rows == first) {
      last->rows = end - last->first;
    } else {
      stretches_.push_back({page, first, end - first});
    }
  }

  const PageStore& store_;
  std::vector<Stretch> stretches_;
  std::int64_t rows_ = 0;
  std::size_t next_ = 0;
  SparseBlock::Groups loaded_;  ///< of the page that next() showed
};

std::unique_ptr<PageSource> PageStore::part(std::span<const std::uint8_t> marks) const {
  return std::make_unique<Part>(*this, marks);
}

const Page& PageStore::show(std::size_t index) const {
  pages_[index == 0 ? pages_.size() - 1 : index - 1].block.rest();
  return pages_[index];
}

Result<bool> PageStore::next(PageView& page) {
  if (next_ >= pages_.size()) return false;
  const auto& held = show(next_++);
  return show_rows(held, 0, held.rows, loaded_, page);
}

}  // namespace quern::runtime
