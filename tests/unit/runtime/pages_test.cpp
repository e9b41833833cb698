// Feature pages hold rows in order and can be read again.

#include "runtime/dataset/pages.h"

#include <catch2/catch.hpp>

using namespace quern;
using runtime::PageStore;

namespace {

const std::vector<std::uint8_t> kLearned{0};
const std::vector<std::uint8_t> kValidation{1};

}  // namespace

TEST_CASE("rows come back in order, page by page, as often as asked") {
  PageStore store(2, 4);
  float next = 0;
  for (const std::int64_t rows : {3, 2, 1, 7, 1}) {
    const auto slot = store.reserve(rows);
    for (std::int64_t r = 0; r < rows; ++r) {
      slot.features[r] = next;
      slot.features[slot.stride + r] = -next;
      slot.labels[r] = next++;
    }
  }
  REQUIRE(store.rows() == 14);
  for (int pass = 0; pass < 2; ++pass) {
    store.rewind();
    float expected = 0;
    runtime::PageView page;
    while (*store.next(page)) {
      CHECK(page.weights == nullptr);
      for (std::int64_t r = 0; r < page.rows; ++r, ++expected) {
        CHECK(page.features[r] == expected);
        CHECK(page.features[page.capacity + r] == -expected);
        CHECK(page.labels[r] == expected);
      }
    }
    CHECK(expected == 14);
  }
}

namespace {

/// The values of feature f over all pages.
std::vector<float> feature(runtime::PageSource& source, std::int32_t f) {
  std::vector<float> out;
  runtime::PageView page;
  source.rewind();
  while (*source.next(page)) {
    const auto* values = page.features + f * page.capacity;
    out.insert(out.end(), values, values + page.rows);
  }
  return out;
}

}  // namespace

TEST_CASE("pages beyond the limit lie in files and are the same rows") {
  PageStore store(3, 1000, {.marked = true});
  store.keep_in_memory(2 * 1000 * 3 * 4);
  std::vector<float> expected[2];
  for (int r = 0; r < 5500; ++r) {
    const auto slot = store.reserve(1);
    for (int f = 0; f < 3; ++f) slot.features[f * slot.stride] = static_cast<float>(r * 3 + f);
    *slot.labels = static_cast<float>(r);
    *slot.marks = r % 7 == 0 ? 1 : 0;
    expected[r % 7 == 0 ? 1 : 0].push_back(static_cast<float>(-(r * 3 + 1)));
  }
  store.rewrite_feature(1, [](float* values, std::int64_t rows) {
    for (std::int64_t r = 0; r < rows; ++r) values[r] = -values[r];
  });
  CHECK(feature(store, 2).size() == 5500);
  CHECK(feature(store, 2).back() == 5499 * 3 + 2);
  store.split();
  CHECK(feature(*store.part(kLearned), 1) == expected[0]);
  CHECK(feature(*store.part(kValidation), 1) == expected[1]);
}

namespace {

/// A store of two groups whose row r has r % 5 entries in the first and one in the second.
PageStore sparse_store(std::int64_t limit) {
  PageStore store(1, 100, {.marked = true, .sparse = 2});
  store.keep_in_memory(limit);
  for (unsigned r = 0; r < 1050; ++r) {
    const auto slot = store.reserve(1);
    *slot.features = *slot.labels = static_cast<float>(r);
    *slot.marks = r % 3 == 0 ? 1 : 0;
    auto& first = slot.sparse->at(0);
    for (unsigned i = 0; i < r % 5; ++i) first.entries.push_back({i, static_cast<float>(r)});
    first.end_row();
    slot.sparse->at(1).entries.push_back({r, 1});
    slot.sparse->at(1).end_row();
  }
  return store;
}

/// "row: entries of the groups" of each row, in the order of a pass.
std::vector<std::vector<codegen::SparseEntry>> entries(runtime::PageSource& source) {
  std::vector<std::vector<codegen::SparseEntry>> out;
  runtime::PageView page;
  source.rewind();
  while (*source.next(page)) {
    for (std::int64_t r = 0; r < page.rows; ++r) {
      auto& row = out.emplace_back();
      for (const auto& group : page.sparse) {
        const auto here = group.row(page.first + r);
        row.insert(row.end(), here.begin(), here.end());
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("sparse rows beyond the limit lie in a file and are the same rows") {
  auto held = sparse_store(1 << 30);
  auto spilled = sparse_store(3000);  // room for one page of them
  CHECK(entries(held).size() == 1050);
  CHECK(entries(spilled) == entries(held));
  for (auto* store : {&held, &spilled}) {
    store->drop_group(0);
    store->split();
    store->make_group(0, 0, [](codegen::SparseRows& out, const float* values, std::int64_t rows) {
      out.clear();
      for (std::int64_t r = 0; r < rows; ++r) {
        for (int i = 0; i < 3; ++i) out.entries.push_back({7, values[r]});
        out.end_row();
      }
    });
  }
  CHECK(entries(spilled) == entries(held));
  const auto kept = entries(*spilled.part(kValidation));
  REQUIRE(kept.size() == 350);
  CHECK(kept[1] == std::vector<codegen::SparseEntry>(3, {7, 3.0F}));
  CHECK(entries(*held.part(kValidation)) == kept);
}

TEST_CASE("a released store knows its size and has no pages") {
  PageStore store(1, 4);
  store.reserve(10);
  store.release();
  runtime::PageView page;
  CHECK(store.rows() == 10);
  CHECK_FALSE(*store.next(page));
}

TEST_CASE("a split moves marked rows behind the others of their page; both keep their order") {
  PageStore store(1, 4, {.weighted = true, .marked = true});
  for (int r = 0; r < 10; ++r) {
    const auto slot = store.reserve(1);
    *slot.features = *slot.labels = *slot.weights = static_cast<float>(r);
    *slot.marks = r % 3 == 0 ? 1 : 0;
  }
  store.split();
  const auto values = [&](bool validation) {
    std::vector<float> out;
    runtime::PageView page;
    const auto part = store.part(validation ? kValidation : kLearned);
    while (*part->next(page)) {
      for (std::int64_t r = 0; r < page.rows; ++r) {
        CHECK(page.labels[r] == page.features[r]);
        CHECK(page.weights[r] == page.features[r]);
        out.push_back(page.features[r]);
      }
    }
    CHECK(part->rows() == static_cast<std::int64_t>(out.size()));
    return out;
  };
  CHECK(values(false) == std::vector<float>{1, 2, 4, 5, 7, 8});
  CHECK(values(true) == std::vector<float>{0, 3, 6, 9});
}

TEST_CASE("labels of several numbers go with their rows") {
  PageStore store(1, 4, {.marked = true, .labels = 3});
  for (int r = 0; r < 10; ++r) {
    const auto slot = store.reserve(1);
    *slot.features = static_cast<float>(r);
    for (int n = 0; n < 3; ++n) slot.labels[n * slot.stride] = static_cast<float>(10 * n + r);
    *slot.marks = r % 3 == 0 ? 1 : 0;
  }
  store.split();
  runtime::PageView page;
  const auto part = store.part(kLearned);
  std::int64_t rows = 0;
  while (*part->next(page)) {
    rows += page.rows;
    for (std::int64_t r = 0; r < page.rows; ++r) {
      for (int n = 0; n < 3; ++n)
        CHECK(page.labels[n * page.capacity + r] == page.features[r] + static_cast<float>(10 * n));
    }
  }
  CHECK(rows == 6);
}

TEST_CASE("the last rows can be marked, over pages") {
  PageStore store(1, 4, {.marked = true});
  for (int r = 0; r < 10; ++r) *store.reserve(1).features = static_cast<float>(r);
  store.mark_last(3);
  store.split();
  CHECK(store.part(kLearned)->rows() == 7);
  runtime::PageView page;
  const auto last = store.part(kValidation);
  REQUIRE(*last->next(page));
  REQUIRE(page.rows == 1);
  CHECK(page.features[0] == 7);
  REQUIRE(*last->next(page));
  REQUIRE(page.rows == 2);
  CHECK(page.features[1] == 9);
  CHECK_FALSE(*last->next(page));
}
