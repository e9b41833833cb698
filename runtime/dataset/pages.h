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

#include "runtime/dataset/feature_block.h"
#include "runtime/dataset/row_shape.h"
#include "runtime/engines/engine.h"

namespace quern::runtime {

/// Collects rows page by page, then hands them out as often as an engine asks.
class PageStore final : public PageSource {
 public:
  /// \param page_rows rows of a page; a larger batch gets a page of its own size.
  PageStore(std::int32_t features, std::int64_t page_rows, RowShape shape = {});

  /// Pages of features beyond so many bytes lie in a temporary file. Before the first row; without
  /// it, all lie in memory. What rows carry beside features always does.
  void keep_in_memory(std::int64_t bytes) { memory_left_ = bytes; }

  /// Room for `rows` more rows in one page, written before the next. Throws std::bad_alloc,
  /// std::system_error.
  struct Slot {
    float* features;  ///< column-major: feature f of the slot's row r at [f * stride + r]
    std::int64_t stride;
    float* labels;
    float* weights;       ///< null when not weighted
    std::uint8_t* marks;  ///< 1: a row of validation, else 0; null when not marked
    std::uint32_t* groups;
    float* upper_bounds;
    float* margins;                            ///< column-major as features
    double* waiting;                           ///< column-major as features, with the same stride
    std::vector<codegen::SparseRows>* sparse;  ///< of the page: rows are appended to each
  };
  Slot reserve(std::int64_t rows);

  /// Calls `change(values, rows)` on feature `f` of every page; `change` may rewrite the values.
  template <typename Change>
  void rewrite_feature(std::int32_t f, Change change) {
    for (auto& page : pages_) {
      change(page.features.data() + f * page.capacity, page.rows);
      page.features.rest();
    }
  }
  /// Calls `take(values, marks)` on the waiting doubles `w` of every page; it may change the
  /// values.
  template <typename Take>
  void each_waiting(std::int32_t w, Take take) {
    for (auto& page : pages_) {
      take(waiting_of(page, w), page.marks.get());
      page.waiting->rest();
    }
  }
  /// Calls `fill(values, out)` on every page, to make feature `f` of the waiting doubles `w`.
  template <typename Fill>
  void fill_feature(std::int32_t f, std::int32_t w, Fill fill) {
    for (auto& page : pages_) {
      fill(std::span<const double>(waiting_of(page, w)), page.features.data() + f * page.capacity);
      page.features.rest();
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
      make(page.sparse[g], page.features.data() + first, page.rows);
    }
  }
  void hide(std::int32_t count) { hidden_ = count; }  ///< the last features, from engines
  template <typename Change>
  void rewrite_labels(Change change) {
    for (auto& page : pages_) change(page.labels.get(), page.rows);
  }

  /// Calls `change(labels, weights, rows)` on every page of a weighted store; `change` may rewrite
  /// the weights.
  template <typename Change>
  void rewrite_weights(Change change) {
    for (auto& page : pages_) change(page.labels.get(), page.weights.get(), page.rows);
  }

  /// Rows from the beginning of the group on that the `count`-th row from behind is in; `count`
  /// where rows have no groups.
  std::int64_t whole_groups(std::int64_t count) const;
  /// Marks the last `count` rows and no other. The store is marked.
  void mark_last(std::int64_t count);
  /// Moves marked rows behind the others of their page; both keep their order. Once, after the last
  /// row. Cost: a copy of each value, and memory for one column of a page.
  void split();
  /// One side of the split; must not outlive the store.
  std::unique_ptr<PageSource> part(bool validation) const;
  /// Frees the pages, whose rows can no longer be read; their number stays known.
  void release() { pages_.clear(); }

  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return features_ - hidden_; }
  void rewind() override { next_ = 0; }
  Result<bool> next(PageView& page) override;

 private:
  struct Page {
    std::int64_t capacity = 0;
    std::int64_t rows = 0;
    FeatureBlock features;
    std::unique_ptr<float[]> labels;
    std::unique_ptr<float[]> weights;
    std::unique_ptr<std::uint8_t[]> marks;
    std::unique_ptr<std::uint32_t[]> groups;
    std::unique_ptr<float[]> upper_bounds;
    std::unique_ptr<float[]> margins;
    std::optional<FeatureBlock> waiting = {};  ///< of doubles, two floats each
    std::vector<codegen::SparseRows> sparse = {};
    std::int64_t kept = 0;  ///< rows in front, after split()
  };
  static std::span<double> waiting_of(const Page& page, std::int32_t w) {
    auto* doubles = reinterpret_cast<double*>(page.waiting->data());
    return {doubles + w * page.capacity, static_cast<std::size_t>(page.rows)};
  }
  class Part;
  void add_page(std::int64_t capacity);
  FeatureBlock make_block(std::size_t size);
  /// The page at `index` of a pass over all; the one before it rests.
  const Page& show(std::size_t index) const;
  void split(Page& page);
  /// Rows [first, first + rows) of a page.
  static PageView view(const Page& page, std::int64_t first, std::int64_t rows);

  std::int32_t features_;
  std::int32_t hidden_ = 0;
  std::int64_t page_rows_;
  RowShape shape_;
  std::int64_t memory_left_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t rows_ = 0;
  std::size_t next_ = 0;
  std::vector<Page> pages_;
};

}  // namespace quern::runtime
