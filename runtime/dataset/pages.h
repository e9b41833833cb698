#pragma once
// Feature pages: the training rows in the form that engines read, in memory and beyond a limit in a
// temporary file. All rows lie in one store while they come in, for whether they are split may
// depend on their number; a split then moves those of validation behind the others, page by page.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "compiler/plan/row_shape.h"
#include "runtime/dataset/page.h"
#include "runtime/engines/engine.h"

namespace quern::runtime {

/// Collects rows page by page, then hands them out as often as an engine asks.
class PageStore final : public PageSource {
 public:
  /// \param page_rows rows of a page; a larger batch gets a page of its own size, and sparse rows
  /// of more than 16 MiB end one.
  PageStore(std::int32_t features, std::int64_t page_rows, plan::RowShape shape = {});

  /// What lies beyond so many bytes waits in temporary files, but for the page at work, which
  /// counts as well. Before the first row; without it, all lies in memory.
  void keep_in_memory(std::int64_t bytes);

  /// Room for `rows` more rows in one page, written before the next. Throws std::bad_alloc,
  /// std::system_error.
  using Slot = PageSlot;
  Slot reserve(std::int64_t rows);

  /// Calls `change(values, rows)` on feature `f` of every page; `change` may rewrite the values.
  template <typename Change>
  void rewrite_feature(std::int32_t f, Change change) {
    for (auto& page : pages_) {
      change(page.features + f * page.capacity, page.rows);
      page.block.rest();
    }
  }
  /// Calls `take(values, marks)` on the waiting doubles `w` of every page; it may change the
  /// values.
  template <typename Take>
  void each_waiting(std::int32_t w, Take take) {
    for (auto& page : pages_) {
      take(waiting_of(page, w), page.marks);
      page.block.rest();
      page.waiting->rest();
    }
  }
  /// Calls `fill(values, out)` on every page, to make feature `f` of the waiting doubles `w`.
  template <typename Fill>
  void fill_feature(std::int32_t f, std::int32_t w, Fill fill) {
    for (auto& page : pages_) {
      fill(std::span<const double>(waiting_of(page, w)), page.features + f * page.capacity);
      page.block.rest();
      page.waiting->rest();
    }
  }
  void drop_waiting();
  void drop_group(std::size_t g), drop_feature(std::int32_t f);  ///< those behind move up
  /// Calls `make(group, values of feature f, rows)` on every page.
  template <typename Make>
  void make_group(std::size_t g, std::size_t f, Make make) {
    for (auto& page : pages_) {
      const auto first = static_cast<std::int64_t>(f) * page.capacity;
      page.sparse.edit([&](auto& groups) { make(groups[g], page.features + first, page.rows); });
      page.block.rest();
      count_sparse(page);
    }
  }
  void hide(std::int32_t count) { hidden_ = count; }  ///< the last features, from engines
  /// Calls `change(labels, rows)` on every page of a store whose labels are one number each.
  template <typename Change>
  void rewrite_labels(Change change) {
    for (auto& page : pages_) {
      change(page.labels, page.rows);
      page.block.rest();
    }
  }

  /// Calls `change(labels, weights, rows)` on every page of a weighted store; `change` may rewrite
  /// the weights.
  template <typename Change>
  void rewrite_weights(Change change) {
    for (auto& page : pages_) {
      change(page.labels, page.weights, page.rows);
      page.block.rest();
    }
  }

  /// Rows from the beginning of the group on that the `count`-th row from behind is in; `count`
  /// where rows have no groups.
  std::int64_t whole_groups(std::int64_t count) const;
  /// Marks the last `test` rows 2, the `count` before them 1, the others 0. The store is marked.
  void mark_last(std::int64_t count, std::int64_t test = 0);
  /// Calls `take(draws, labels, marks, rows)` on every page of a drawn and marked store; it may
  /// change the marks.
  template <typename Take>
  void each_draw(Take take) {
    for (auto& page : pages_) {
      take(page.draws, page.labels, page.marks, page.rows);
      page.block.rest();
    }
  }
  /// Orders the rows of each page by their mark; those of one keep their order. Once, after the
  /// last row. Cost: a copy of each value.
  void split();
  /// The rows of some marks, after split(); must not outlive the store.
  std::unique_ptr<PageSource> part(std::span<const std::uint8_t> marks) const;
  /// Frees the pages, whose rows can no longer be read; their number stays known.
  void release() { pages_.clear(); }
  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return features_ - hidden_; }
  void rewind() override { next_ = 0; }
  Result<bool> next(PageView& page) override;

 private:
  static std::span<double> waiting_of(const Page& page, std::int32_t w) {
    auto* doubles = reinterpret_cast<double*>(page.waiting->data());
    return {doubles + w * page.capacity, static_cast<std::size_t>(page.rows)};
  }
  class Part;
  void add_page(std::int64_t capacity);
  /// A page without rows, its arrays laid out.
  Page make_page(std::int64_t capacity);
  FeatureBlock make_block(std::int64_t size);
  /// The page at `index` of a pass over all; the one before it rests.
  const Page& show(std::size_t index) const;
  /// Rows [first, first + rows) of a page; `loaded` holds sparse ones from a file for the view.
  static Result<bool> show_rows(const Page& page, std::int64_t first, std::int64_t rows,
                                SparseBlock::Groups& loaded, PageView& view);
  /// Counts what has come to sparse rows; where it is too much, they go to the file.
  void count_sparse(Page& page);

  std::int32_t features_;
  std::int32_t hidden_ = 0;
  std::int64_t page_rows_;
  plan::RowShape shape_;
  std::int64_t memory_left_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t rows_ = 0;
  std::size_t next_ = 0;
  std::vector<Page> pages_;
  std::shared_ptr<NamelessFile> sparse_file_;
  SparseBlock::Groups loaded_;  ///< of the page that next() showed
};

}  // namespace quern::runtime
