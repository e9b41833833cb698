// One pass over the pages.

#include "runtime/tune/fingerprint.h"

#include <bit>
#include <vector>

#include "base/hash.h"

namespace quern::runtime {
namespace {

using Hashes = std::vector<std::uint64_t>;

void fold_floats(const float* values, Hashes& hashes) {
  if (values == nullptr) return;
  for (std::size_t r = 0; r < hashes.size(); ++r)
    hashes[r] = fold_hash(hashes[r], std::bit_cast<std::uint32_t>(values[r]));
}

void fold_sparse(const PageView& page, Hashes& hashes) {
  for (const auto& group : page.sparse) {
    for (std::size_t r = 0; r < hashes.size(); ++r) {
      const auto row = group.row(page.first + static_cast<std::int64_t>(r));
      hashes[r] = fold_hash(hashes[r], row.size());
      for (const auto& entry : row) {
        hashes[r] = fold_hash(hashes[r], entry.key);
        hashes[r] = fold_hash(hashes[r], std::bit_cast<std::uint32_t>(entry.value));
      }
    }
  }
}

void fold_page(const PageView& page, std::int32_t features, std::int32_t margins,
               std::int32_t labels, Hashes& hashes) {
  for (std::int32_t f = 0; f < features; ++f)
    fold_floats(page.features + f * page.capacity, hashes);
  fold_sparse(page, hashes);
  for (std::int32_t n = 0; n < labels; ++n) fold_floats(page.labels + n * page.capacity, hashes);
  fold_floats(page.weights, hashes);
  fold_floats(page.upper_bounds, hashes);
  for (std::int32_t m = 0; page.margins != nullptr && m < margins; ++m)
    fold_floats(page.margins + m * page.capacity, hashes);
  for (std::size_t r = 0; page.groups != nullptr && r < hashes.size(); ++r)
    hashes[r] = fold_hash(hashes[r], page.groups[r]);
}

}  // namespace

Result<std::uint64_t> fingerprint(PageSource& pages, std::int32_t margins, std::uint64_t h,
                                  std::int32_t labels) {
  Hashes hashes;
  PageView page;
  pages.rewind();
  while (true) {
    QUERN_TRY(const bool more, pages.next(page));
    if (!more) return h;
    hashes.assign(static_cast<std::size_t>(page.rows), 0);
    fold_page(page, pages.features(), margins, labels, hashes);
    for (const auto row : hashes) h = fold_hash(h, row);
  }
}

}  // namespace quern::runtime
