// The fingerprint of rows: everything of them counts, and nothing else.

#include "runtime/tune/fingerprint.h"

#include <catch2/catch.hpp>

#include "runtime/dataset/pages.h"

using namespace quern;
using runtime::PageSlot;
using runtime::PageStore;

namespace {

/// Ten rows with all that rows can have, in pages of so many; `change` is made to row 7.
std::uint64_t print_of(
    std::int64_t page_rows, void (*change)(PageSlot&) = [](PageSlot&) {}) {
  PageStore store(
      2, page_rows,
      {.weighted = true, .grouped = true, .bounded = true, .labels = 2, .margins = 1, .sparse = 1});
  for (int row = 0; row < 10; ++row) {
    auto slot = store.reserve(1);
    slot.features[0] = static_cast<float>(row);
    slot.features[slot.stride] = 1;
    slot.labels[0] = static_cast<float>(row % 2);
    slot.labels[slot.stride] = 4;
    slot.weights[0] = 1;
    slot.groups[0] = static_cast<std::uint32_t>(row / 5);
    slot.upper_bounds[0] = 3;
    slot.margins[0] = 0.5F;
    if (row == 7) change(slot);
    auto& sparse = slot.sparse->front();
    sparse.entries.push_back({static_cast<std::uint32_t>(row), 2});
    sparse.end_row();
  }
  const auto out = runtime::fingerprint(store, 1, 0, 2);
  REQUIRE(out);
  return *out;
}

}  // namespace

TEST_CASE("how rows are divided into pages does not matter") {
  CHECK(print_of(3) == print_of(100));
  CHECK(print_of(1) == print_of(100));
}

TEST_CASE("everything that a row carries counts") {
  const auto plain = print_of(100);
  CHECK(print_of(100, [](PageSlot& s) { s.features[0] = 8; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.features[s.stride] = 0; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.labels[0] = 0; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.labels[s.stride] = 0; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.weights[0] = 2; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.groups[0] = 2; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.upper_bounds[0] = 4; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.margins[0] = 0; }) != plain);
  CHECK(print_of(100, [](PageSlot& s) { s.sparse->front().entries.push_back({3, 1}); }) != plain);
}
