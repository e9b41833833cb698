// The library asks for pages through C callbacks; what goes wrong in one is kept aside and returned
// after the library has come back, since neither an exception nor a Result can pass through it.

#include "runtime/engines/xgboost/training_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <optional>

namespace quern::runtime::xgboost {
namespace {

Diagnostic cancelled() { return {Code::cancelled, "training was cancelled"}; }

/// The array interface of a column-major block: no copy, no transpose.
std::string array_interface(const float* data, std::int64_t rows, std::int64_t features,
                            std::int64_t capacity) {
  const auto number = [](auto value) { return std::to_string(value); };
  return "{\"data\":[" + number(reinterpret_cast<std::uintptr_t>(data)) + ",true],\"shape\":[" +
         number(rows) + "," + number(features) + "],\"strides\":[4," + number(4 * capacity) +
         "],\"typestr\":\"<f4\",\"version\":3}";
}

Result<void> set_strings(const Library& library, void* matrix, const char* field,
                         std::vector<const char*> values) {
  if (values.empty()) return {};
  return library.check(
      library.call().XGDMatrixSetStrFeatureInfo(matrix, field, values.data(), values.size()));
}

Result<void> describe_features(const Library& library, const TrainTask& task, void* matrix) {
  std::vector<const char*> names;
  for (const auto& name : task.feature_names) names.push_back(name.c_str());
  std::vector<const char*> types;
  for (const auto kind : task.feature_kinds) {
    types.push_back(kind == FeatureKind::category ? "c" : "q");
  }
  // A million names would be larger than the model; types are told where one is no number.
  if (!task.group_widths.empty()) names.clear();
  const bool numbers = std::none_of(task.feature_kinds.begin(), task.feature_kinds.end(),
                                    [](auto kind) { return kind == FeatureKind::category; });
  if (!task.group_widths.empty() && numbers) types.clear();
  if (!types.empty()) {
    for (const auto width : task.group_widths) types.resize(types.size() + width, "q");
  }
  QUERN_CHECK(set_strings(library, matrix, "feature_name", std::move(names)));
  return set_strings(library, matrix, "feature_type", std::move(types));
}

Result<void> set_floats(const Library& library, void* matrix, const char* field,
                        const float* values, std::size_t count) {
  return library.check(library.call().XGDMatrixSetFloatInfo(matrix, field, values, count));
}

/// What rows carry beside their features; groups are the whole matrix's, see set_groups().
Result<void> set_rows(const Library& library, const TrainTask& task, void* matrix,
                      const PageView& page) {
  const auto count = static_cast<std::size_t>(page.rows);
  const bool bounds = page.upper_bounds != nullptr;
  QUERN_CHECK(
      set_floats(library, matrix, bounds ? "label_lower_bound" : "label", page.labels, count));
  if (bounds)
    QUERN_CHECK(set_floats(library, matrix, "label_upper_bound", page.upper_bounds, count));
  if (page.weights != nullptr)
    QUERN_CHECK(set_floats(library, matrix, "weight", page.weights, count));
  if (page.margins == nullptr) return {};
  const auto margins = array_interface(page.margins, page.rows, task.margins, page.capacity);
  return library.check(
      library.call().XGDMatrixSetInfoFromInterface(matrix, "base_margin", margins.c_str()));
}

/// Rows of each group, and the weight of each: that of its rows.
struct Groups {
  std::vector<unsigned> sizes;
  std::vector<float> weights;  ///< empty where rows have none
  std::uint32_t last = 0;

  void add(const PageView& page) {
    for (std::int64_t r = 0; r < page.rows; ++r) {
      if (sizes.empty() || page.groups[r] != last) {
        last = page.groups[r];
        sizes.push_back(0);
        if (page.weights != nullptr) weights.push_back(page.weights[r]);
      }
      ++sizes.back();
    }
  }
};

/// Tells a finished matrix its groups, which pages may have cut through. Weights of rows, by which
/// quantiles were found, give way to those of groups, which is what the library wants of ranking.
Result<void> set_groups(const Library& library, void* matrix, PageSource& pages) {
  Groups groups;
  pages.rewind();
  PageView page;
  while (true) {
    QUERN_TRY(const bool more, pages.next(page));
    if (!more) break;
    if (page.groups == nullptr) return {};
    groups.add(page);
  }
  QUERN_CHECK(library.check(library.call().XGDMatrixSetUIntInfo(
      matrix, "group", groups.sizes.data(), groups.sizes.size())));
  if (groups.weights.empty()) return {};
  return set_floats(library, matrix, "weight", groups.weights.data(), groups.weights.size());
}

/// Rows as the library's compressed sparse rows: what is missing is left out.
struct CompressedRows {
  std::vector<std::size_t> offsets = {0};
  std::vector<unsigned> columns;
  std::vector<float> values;

  void clear() {
    offsets.resize(1);
    columns.clear();
    values.clear();
  }
  void add(unsigned column, float value) {
    columns.push_back(column);
    values.push_back(value);
  }
};

std::uint64_t all_columns(const TrainTask& task, const PageSource& pages) {
  std::uint64_t out = static_cast<std::uint64_t>(pages.features());
  for (const auto width : task.group_widths) out += width;
  return out;
}

/// Appends the rows of a page: first the features that are no group's, then group by group.
void compress(const PageView& page, const TrainTask& task, std::int32_t dense,
              CompressedRows& out) {
  for (std::int64_t r = 0; r < page.rows; ++r) {
    for (std::int32_t f = 0; f < dense; ++f) {
      const float value = page.features[f * page.capacity + r];
      if (!std::isnan(value)) out.add(static_cast<unsigned>(f), value);
    }
    auto first = static_cast<unsigned>(dense);
    for (std::size_t g = 0; g < task.group_widths.size(); ++g) {
      for (const auto& entry : page.sparse[g].row(page.first + r)) {
        if (entry.key < task.group_widths[g]) out.add(first + entry.key, entry.value);
      }
      first += task.group_widths[g];
    }
    out.offsets.push_back(out.columns.size());
  }
}

/// The array interface of numbers in a row.
template <typename T>
std::string vector_interface(const std::vector<T>& values, const char* type) {
  return "{\"data\":[" + std::to_string(reinterpret_cast<std::uintptr_t>(values.data())) +
         ",true],\"shape\":[" + std::to_string(values.size()) + "],\"typestr\":\"" + type +
         "\",\"version\":3}";
}

/// Feeds pages to the library through a proxy matrix.
class Feed {
 public:
  Feed(const Library& library, const TrainTask& task, PageSource& pages, void* proxy,
       const CancelToken& cancel)
      : library_(library), task_(task), pages_(pages), proxy_(proxy), cancel_(cancel) {}

  static void rewind(void* self) noexcept {
    auto& feed = *static_cast<Feed*>(self);
    feed.guard([&]() -> Result<bool> { return feed.pages_.rewind(), true; });
  }
  /// 1: the proxy holds another page; 0: the end, or a failure.
  static int next(void* self) noexcept {
    auto& feed = *static_cast<Feed*>(self);
    return feed.guard([&] { return feed.show_next(); }) ? 1 : 0;
  }

  /// What went wrong in a callback.
  std::optional<Diagnostics>& failure() { return failure_; }

 private:
  template <typename Step>
  bool guard(Step step) noexcept {
    if (failure_) return false;
    try {
      auto done = step();
      if (done) return *done;
      failure_ = std::move(done).errors();
    } catch (const std::bad_alloc&) {
      failure_ = Diagnostics{{Code::out_of_memory, "a page of rows does not fit into memory"}};
    } catch (const std::exception& error) {
      failure_ = Diagnostics{{Code::internal, error.what()}};
    }
    return false;
  }

  Result<bool> show_next() {
    if (cancel_.requested()) return cancelled();
    PageView page;
    do {
      QUERN_TRY(const bool more, pages_.next(page));
      if (!more) return false;
    } while (page.rows == 0);
    QUERN_CHECK(show_features(page));
    QUERN_CHECK(set_rows(library_, task_, proxy_, page));
    QUERN_CHECK(describe_features(library_, task_, proxy_));
    return true;
  }

  Result<void> show_features(const PageView& page) {
    const auto& call = library_.call();
    if (task_.group_widths.empty()) {
      const auto data = array_interface(page.features, page.rows, pages_.features(), page.capacity);
      return library_.check(call.XGProxyDMatrixSetDataDense(proxy_, data.c_str()));
    }
    rows_.clear();
    rows_.columns.reserve(1);  // the library wants a place, even of nothing
    rows_.values.reserve(1);
    compress(page, task_, pages_.features(), rows_);
    const auto offsets = vector_interface(rows_.offsets, "<u8");
    const auto columns = vector_interface(rows_.columns, "<u4");
    const auto values = vector_interface(rows_.values, "<f4");
    return library_.check(call.XGProxyDMatrixSetDataCSR(
        proxy_, offsets.c_str(), columns.c_str(), values.c_str(), all_columns(task_, pages_)));
  }

  CompressedRows rows_;  ///< of the page at hand
  const Library& library_;
  const TrainTask& task_;
  PageSource& pages_;
  void* proxy_;
  const CancelToken& cancel_;
  std::optional<Diagnostics> failure_;
};

/// All pages as one column-major block.
struct Block {
  std::vector<float> features;
  CompressedRows rows;  ///< in place of `features` where there are groups
  std::vector<float> labels;
  std::vector<float> weights;       ///< empty where no page has any
  std::vector<float> upper_bounds;  ///< empty without bounds
  std::vector<float> margins;       ///< column-major, empty without
};

const float* data_or_null(const std::vector<float>& values) {
  return values.empty() ? nullptr : values.data();
}

/// The block as one page, without its groups.
PageView view_of(const Block& block) {
  const auto rows = static_cast<std::int64_t>(block.labels.size());
  return {.features = block.features.data(),
          .capacity = rows,
          .rows = rows,
          .labels = block.labels.data(),
          .weights = data_or_null(block.weights),
          .groups = nullptr,
          .upper_bounds = data_or_null(block.upper_bounds),
          .margins = data_or_null(block.margins)};
}

Result<void> append(const PageView& page, std::int32_t features, std::int32_t margins,
                    std::int64_t total, const TrainTask& task, Block& block) {
  const auto at = static_cast<std::int64_t>(block.labels.size());
  if (at + page.rows > total) {
    return Diagnostic{Code::internal, "the page source holds more rows than it says"};
  }
  if (!task.group_widths.empty()) compress(page, task, features, block.rows);
  for (std::int32_t f = 0; task.group_widths.empty() && f < features; ++f) {
    std::copy_n(page.features + f * page.capacity, page.rows,
                block.features.begin() + f * total + at);
  }
  for (std::int32_t m = 0; page.margins != nullptr && m < margins; ++m) {
    std::copy_n(page.margins + m * page.capacity, page.rows,
                block.margins.begin() + m * total + at);
  }
  if (page.upper_bounds != nullptr) {
    block.upper_bounds.insert(block.upper_bounds.end(), page.upper_bounds,
                              page.upper_bounds + page.rows);
  }
  if (page.weights != nullptr) {
    block.weights.resize(block.labels.size(), 1.0F);
    block.weights.insert(block.weights.end(), page.weights, page.weights + page.rows);
  } else if (!block.weights.empty()) {
    block.weights.resize(block.weights.size() + static_cast<std::size_t>(page.rows), 1.0F);
  }
  block.labels.insert(block.labels.end(), page.labels, page.labels + page.rows);
  return {};
}

Result<Block> gather(PageSource& pages, const TrainTask& task, const CancelToken& cancel) {
  Block block;
  const auto margins = task.margins;
  block.margins.resize(static_cast<std::size_t>(pages.rows()) * static_cast<std::size_t>(margins));
  if (task.group_widths.empty()) {
    block.features.resize(static_cast<std::size_t>(pages.rows()) *
                          static_cast<std::size_t>(pages.features()));
  }
  pages.rewind();
  PageView page;
  while (true) {
    if (cancel.requested()) return cancelled();
    QUERN_TRY(const bool more, pages.next(page));
    if (!more) break;
    QUERN_CHECK(append(page, pages.features(), margins, pages.rows(), task, block));
  }
  if (static_cast<std::int64_t>(block.labels.size()) == pages.rows()) return block;
  return Diagnostic{Code::internal, "the page source holds fewer rows than it says"};
}

}  // namespace

Result<Handle> quantile_matrix(const Library& library, const MatrixOptions& options,
                               PageSource& pages, const CancelToken& cancel) {
  void* made = nullptr;
  QUERN_CHECK(library.check(library.call().XGProxyDMatrixCreate(&made)));
  const auto proxy = library.own_matrix(made);
  Feed feed(library, *options.task, pages, proxy.get(), cancel);
  const auto config =
      "{\"missing\":NaN,\"nthread\":" + options.threads + ",\"max_bin\":" + options.max_bin + "}";
  made = nullptr;
  const int status = library.call().XGQuantileDMatrixCreateFromCallback(
      &feed, proxy.get(), nullptr, &Feed::rewind, &Feed::next, config.c_str(), &made);
  auto matrix = library.own_matrix(made);
  if (feed.failure()) return *std::move(feed.failure());
  QUERN_CHECK(library.check(status));
  QUERN_CHECK(set_groups(library, matrix.get(), pages));
  return matrix;
}

namespace {

Result<Handle> matrix_of(const Library& library, const MatrixOptions& options,
                         const PageSource& pages, const Block& block) {
  void* made = nullptr;
  if (!options.task->group_widths.empty()) {
    const auto& rows = block.rows;
    QUERN_CHECK(library.check(library.call().XGDMatrixCreateFromCSREx(
        rows.offsets.data(), rows.columns.data(), rows.values.data(), rows.offsets.size(),
        rows.columns.size(), all_columns(*options.task, pages), &made)));
    return library.own_matrix(made);
  }
  const auto data =
      array_interface(block.features.data(), pages.rows(), pages.features(), pages.rows());
  const auto config = "{\"missing\":NaN,\"nthread\":" + options.threads + "}";
  QUERN_CHECK(
      library.check(library.call().XGDMatrixCreateFromDense(data.c_str(), config.c_str(), &made)));
  return library.own_matrix(made);
}

}  // namespace

Result<Handle> plain_matrix(const Library& library, const MatrixOptions& options, PageSource& pages,
                            const CancelToken& cancel) {
  QUERN_TRY(const auto block, gather(pages, *options.task, cancel));
  QUERN_TRY(auto matrix, matrix_of(library, options, pages, block));
  QUERN_CHECK(set_rows(library, *options.task, matrix.get(), view_of(block)));
  QUERN_CHECK(set_groups(library, matrix.get(), pages));
  QUERN_CHECK(describe_features(library, *options.task, matrix.get()));
  return matrix;
}

}  // namespace quern::runtime::xgboost
