// Runs of rows, one in each of as many equal parts.

#include "runtime/fit/row_sample.h"

#include <algorithm>
#include <tuple>

#include "base/hash.h"

namespace quern::runtime {
namespace {

constexpr std::int64_t kRun = 64;

/// One in each of as many equal parts; a single one where all rows are wanted.
std::vector<RowSample::Run> spread_runs(std::int64_t rows) {
  if (rows <= RowSample::kMost) return {{0, rows}};
  constexpr auto kParts = RowSample::kMost / kRun;
  std::vector<RowSample::Run> out;
  for (std::int64_t part = 0; part < kParts; ++part) {
    const auto begin = part * rows / kParts;
    const auto room = static_cast<std::uint64_t>((part + 1) * rows / kParts - begin - kRun + 1);
    // A place in its part that no period of the rows follows.
    const auto shift = spread(static_cast<std::uint64_t>(part) + 1) % room;
    out.push_back({begin + static_cast<std::int64_t>(shift), kRun});
  }
  return out;
}

}  // namespace

Result<RowSample> RowSample::of(PageStore& pages) {
  RowSample out(pages);
  out.runs_ = spread_runs(pages.rows());
  QUERN_CHECK(
      out.each_run([&](const PageView& page, std::int64_t first, std::int64_t rows, std::size_t) {
        out.labels_.insert(out.labels_.end(), page.labels + first, page.labels + first + rows);
      }));
  return out;
}

template <typename Take>
Result<void> RowSample::each_run(Take take) const {
  PageView page;
  std::int64_t begin = 0;  // the page's first row among all
  std::size_t place = 0;
  auto run = runs_.begin();
  pages_->rewind();
  while (run != runs_.end()) {
    QUERN_TRY(const bool more, pages_->next(page));
    if (!more) break;
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
  pages_->rewind();
  return {};
}

Result<std::vector<float>> RowSample::features(std::size_t first, std::size_t count) const {
  std::vector<float> out(count * labels_.size());
  QUERN_CHECK(
      each_run([&](const PageView& page, std::int64_t row, std::int64_t rows, std::size_t place) {
        for (std::size_t f = 0; f < count; ++f) {
          const float* from =
              page.features + static_cast<std::int64_t>(first + f) * page.capacity + row;
          std::copy(from, from + rows, out.data() + f * labels_.size() + place);
        }
      }));
  return out;
}

Result<std::vector<std::vector<RowSample::Entry>>> RowSample::entries(std::size_t groups) const {
  std::vector<std::vector<Entry>> out(groups);
  std::vector<bool> full(groups);
  if (groups == 0) return out;
  QUERN_CHECK(
      each_run([&](const PageView& page, std::int64_t row, std::int64_t rows, std::size_t place) {
        for (std::size_t g = 0; g < groups; ++g) {
          for (std::int64_t r = 0; r < rows && !full[g]; ++r) {
            const auto at = static_cast<std::uint32_t>(place) + static_cast<std::uint32_t>(r);
            for (const auto& entry : page.sparse[g].row(page.first + row + r))
              out[g].push_back({entry.key, at, entry.value});
            full[g] = out[g].size() > kMostEntries;
          }
          if (full[g]) out[g] = {};
        }
      }));
  for (auto& group : out) {
    std::sort(group.begin(), group.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.key, a.row) < std::tie(b.key, b.row);
    });
  }
  return out;
}

}  // namespace quern::runtime
