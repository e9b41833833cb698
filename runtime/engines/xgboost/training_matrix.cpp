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

Result<void> set_rows(const Library& library, void* matrix, std::int64_t rows, const float* labels,
                      const float* weights) {
  const auto count = static_cast<std::uint64_t>(rows);
  QUERN_CHECK(library.check(library.call().XGDMatrixSetFloatInfo(matrix, "label", labels, count)));
  if (weights == nullptr) return {};
  return library.check(library.call().XGDMatrixSetFloatInfo(matrix, "weight", weights, count));
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
    QUERN_CHECK(set_rows(library_, proxy_, page.rows, page.labels, page.weights));
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
  std::vector<float> weights;  ///< empty where no page has any
};

Result<void> append(const PageView& page, std::int32_t features, std::int64_t total, Block& block) {
  const auto at = static_cast<std::int64_t>(block.labels.size());
  if (at + page.rows > total) {
    return Diagnostic{Code::internal, "the page source holds more rows than it says"};
  }
  for (std::int32_t f = 0; f < features; ++f) {
    std::copy_n(page.features + f * page.capacity, page.rows,
                block.features.begin() + f * total + at);
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

Result<Block> gather(PageSource& pages, const CancelToken& cancel) {
  Block block;
  block.features.resize(static_cast<std::size_t>(pages.rows()) *
                        static_cast<std::size_t>(pages.features()));
  pages.rewind();
  PageView page;
  while (true) {
    if (cancel.requested()) return cancelled();
    QUERN_TRY(const bool more, pages.next(page));
    if (!more) break;
    QUERN_CHECK(append(page, pages.features(), pages.rows(), block));
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
  return matrix;
}

Result<Handle> plain_matrix(const Library& library, const MatrixOptions& options, PageSource& pages,
                            const CancelToken& cancel) {
  QUERN_TRY(const auto block, gather(pages, cancel));
  const auto data =
      array_interface(block.features.data(), pages.rows(), pages.features(), pages.rows());
  const auto config = "{\"missing\":NaN,\"nthread\":" + options.threads + "}";
  void* made = nullptr;
  QUERN_CHECK(
      library.check(library.call().XGDMatrixCreateFromDense(data.c_str(), config.c_str(), &made)));
  auto matrix = library.own_matrix(made);
  QUERN_CHECK(set_rows(library, matrix.get(), pages.rows(), block.labels.data(),
                       block.weights.empty() ? nullptr : block.weights.data()));
  QUERN_CHECK(describe_features(library, *options.task, matrix.get()));
  return matrix;
}

}  // namespace quern::runtime::xgboost
