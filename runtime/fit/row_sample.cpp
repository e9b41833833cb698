// Runs of rows, one in each of as many equal parts.

#include "runtime/fit/row_sample.h"

#include <algorithm>
#include <tuple>

#include "base/hash.h"

namespace quern::runtime {
namespace {

constexpr std::int64_t kRun = 64;

}  // namespace

RowSample::RowSample(PageStore& pages) : pages_(pages) {
  const auto rows = pages.rows();
  if (rows <= kMost) {
    runs_.push_back({0, rows});
  } else {
    constexpr auto kParts = kMost / kRun;
    for (std::int64_t part = 0; part < kParts; ++part) {
      const auto begin = part * rows / kParts;
      const auto room = static_cast<std::uint64_t>((part + 1) * rows / kParts - begin - kRun + 1);
      // A place in its part that no period of the rows follows.
      const auto shift = spread(static_cast<std::uint64_t>(part) + 1) % room;
      runs_.push_back({begin + static_cast<std::int64_t>(shift), kRun});
    }
  }
  each_run([&](const PageView& page, std::int64_t first, std::int64_t count, std::size_t) {
    labels_.insert(labels_.end(), page.labels + first, page.labels + first + count);
  });
}

template <typename Take>
void RowSample::each_run(Take take) const {
  PageView page;
  std::int64_t begin = 0;  // the page's first row among all
  std::size_t place = 0;
  auto run = runs_.begin();
  pages_.rewind();
  while (run != runs_.end()) {
    auto more = pages_.next(page);
    if (!more || !*more) return;
    const auto end = begin + page.rows;
    while (run != runs_.end() && run->first < end) {
      const auto first = std::max(run->first, begin);
      const auto last = std::min(run->first + run->rows, end);
      take(page, first - begin, last - first, place);
      place += static_cast<std::size_t>(last - first);
      if (run->first + run->rows > end) break;  // the rest lies in the next page
      ++run;
    }
    begin = end;
  }
}

std::vector<float> RowSample::features(std::size_t first, std::size_t count) const {
  std::vector<float> out(count * labels_.size());
  each_run([&](const PageView& page, std::int64_t row, std::int64_t rows, std::size_t place) {
    for (std::size_t f = 0; f < count; ++f) {
      const float* from =
          page.features + static_cast<std::int64_t>(first + f) * page.capacity + row;
      std::copy(from, from + rows,
                out.begin() + static_cast<std::ptrdiff_t>(f * labels_.size() + place));
    }
  });
  return out;
}

std::vector<RowSample::Entry> RowSample::entries(std::size_t group) const {
  std::vector<Entry> out;
  each_run([&](const PageView& page, std::int64_t row, std::int64_t rows, std::size_t place) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (const auto& entry : page.sparse[group].row(page.first + row + r))
        out.push_back({entry.key, static_cast<std::uint32_t>(place) + static_cast<std::uint32_t>(r),
                       entry.value});
    }
  });
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.key, a.row) < std::tie(b.key, b.row);
  });
  return out;
}

}  // namespace quern::runtime
