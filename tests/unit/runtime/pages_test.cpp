// Feature pages hold rows in order and can be read again.

#include "runtime/dataset/pages.h"

#include <catch2/catch.hpp>

using namespace quern;
using runtime::PageStore;

TEST_CASE("rows come back in order, page by page, as often as asked") {
  PageStore store(2, 4, false);
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
