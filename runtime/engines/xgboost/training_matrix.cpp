// The library asks for pages through C callbacks; what goes wrong in one is kept aside and returned
// after the library has come back, since neither an exception nor a Result can pass through it.

#include "runtime/engines/xgboost/training_matrix.h"

#include <algorithm>
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
    const auto data = array_interface(page.features, page.rows, pages_.features(), page.capacity);
    QUERN_CHECK(library_.check(library_.call().XGProxyDMatrixSetDataDense(proxy_, data.c_str())));
    QUERN_CHECK(set_rows(library_, task_, proxy_, page));
    QUERN_CHECK(describe_features(library_, task_, proxy_));
    return true;
  }

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
                    std::int64_t total, Block& block) {
  const auto at = static_cast<std::int64_t>(block.labels.size());
  if (at + page.rows > total) {
    return Diagnostic{Code::internal, "the page source holds more rows than it says"};
  }
  for (std::int32_t f = 0; f < features; ++f) {
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

Result<Block> gather(PageSource& pages, std::int32_t margins, const CancelToken& cancel) {
  Block block;
  block.margins.resize(static_cast<std::size_t>(pages.rows()) * static_cast<std::size_t>(margins));
  block.features.resize(static_cast<std::size_t>(pages.rows()) *
                        static_cast<std::size_t>(pages.features()));
  pages.rewind();
  PageView page;
  while (true) {
    if (cancel.requested()) return cancelled();
    QUERN_TRY(const bool more, pages.next(page));
    if (!more) break;
    QUERN_CHECK(append(page, pages.features(), margins, pages.rows(), block));
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

Result<Handle> plain_matrix(const Library& library, const MatrixOptions& options, PageSource& pages,
                            const CancelToken& cancel) {
  QUERN_TRY(const auto block, gather(pages, options.task->margins, cancel));
  const auto data =
      array_interface(block.features.data(), pages.rows(), pages.features(), pages.rows());
  const auto config = "{\"missing\":NaN,\"nthread\":" + options.threads + "}";
  void* made = nullptr;
  QUERN_CHECK(
      library.check(library.call().XGDMatrixCreateFromDense(data.c_str(), config.c_str(), &made)));
  auto matrix = library.own_matrix(made);
  QUERN_CHECK(set_rows(library, *options.task, matrix.get(), view_of(block)));
  QUERN_CHECK(set_groups(library, matrix.get(), pages));
  QUERN_CHECK(describe_features(library, *options.task, matrix.get()));
  return matrix;
}

}  // namespace quern::runtime::xgboost
