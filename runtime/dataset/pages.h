#pragma once
// Feature pages: the training rows in the form that engines read, kept in memory.

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/engines/engine.h"

namespace quern::runtime {

/// Collects rows page by page, then hands them out as often as an engine asks.
class PageStore final : public PageSource {
 public:
  /// \param page_rows rows of a page; a larger batch gets a page of its own size.
  PageStore(std::int32_t features, std::int64_t page_rows, bool weighted);

  /// Makes room for `rows` more rows in one page and returns where they go. Only the last
  /// reservation may be written to. Throws std::bad_alloc.
  struct Slot {
    float* features;  ///< column-major: feature f of the slot's row r at [f * stride + r]
    std::int64_t stride;
    float* labels;
    float* weights;  ///< null when not weighted
  };
  Slot reserve(std::int64_t rows);

  /// Calls `change(values, rows)` on feature `f` of every page; `change` may rewrite the values.
  template <typename Change>
  void rewrite_feature(std::int32_t f, Change change) {
    for (auto& page : pages_) change(page.features.get() + f * page.capacity, page.rows);
  }
  template <typename Change>
  void rewrite_labels(Change change) {
    for (auto& page : pages_) change(page.labels.get(), page.rows);
  }

  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return features_; }
  void rewind() override { next_ = 0; }
  Result<bool> next(PageView& page) override;

 private:
  struct Page {
    std::int64_t capacity = 0;
    std::int64_t rows = 0;
    std::unique_ptr<float[]> features;
    std::unique_ptr<float[]> labels;
    std::unique_ptr<float[]> weights;
  };
  void add_page(std::int64_t capacity);

  std::int32_t features_;
  std::int64_t page_rows_;
  bool weighted_;
  std::int64_t rows_ = 0;
  std::size_t next_ = 0;
  std::vector<Page> pages_;
};

}  // namespace quern::runtime
