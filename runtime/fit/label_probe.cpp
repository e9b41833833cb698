// Rules of one feature: a class or a mean for each value, and a class for each range of values.

#include "runtime/fit/label_probe.h"

#include <algorithm>
#include <numeric>

namespace quern::runtime {
namespace {

/// Ranges cost rows * classes; of more classes a feature is judged by its values only.
constexpr std::size_t kMostRanged = 64;

}  // namespace

LabelProbe::LabelProbe(std::span<const float> labels, std::size_t classes)
    : by_label_(group_values(labels)) {
  std::size_t most = 0;
  for (std::size_t g = 0; g < by_label_.count(); ++g) {
    const auto rows = by_label_.group(g);
    if (rows.size() <= most) continue;
    most = rows.size();
    frequent_ = g;
  }
  others_ = static_cast<std::int64_t>(labels.size() - most);
  if (classes == 0 && by_label_.count() > kFewNumbers) {
    ranks_ = ranks_of(by_label_);
    return;
  }
  // Classes that do not occur need no place.
  classes_ = by_label_.count();
  counts_.resize(classes_);
  labels_.resize(labels.size());
  for (std::size_t g = 0; g < classes_; ++g) {
    for (const auto row : by_label_.group(g)) labels_[row] = static_cast<std::uint32_t>(g);
  }
}

bool LabelProbe::can_judge() const {
  return by_label_.rows.size() >= kLeastRows && others_ >= std::int64_t{kLeastOthers};
}

double LabelProbe::frequent_share() const {
  return 1 - static_cast<double>(others_) / static_cast<double>(by_label_.rows.size());
}

void LabelProbe::count_classes(std::span<const std::uint32_t> rows) {
  for (const auto row : rows) ++counts_[labels_[row]];
}

void LabelProbe::forget_classes(std::span<const std::uint32_t> rows) {
  for (const auto row : rows) counts_[labels_[row]] = 0;
}

/// Rows of one value that the others of it tell wrong; their classes are counted.
std::int64_t LabelProbe::wrong_in(std::span<const std::uint32_t> rows) const {
  if (rows.size() == 1) return labels_[rows[0]] == frequent_ ? 0 : 1;
  std::int64_t first = 0, second = 0;
  std::uint32_t best = 0;
  for (const auto row : rows) {
    const auto c = labels_[row];
    const auto count = counts_[c];
    if (c == best && first > 0) continue;
    if (count > first) {
      second = first;
      first = count;
      best = c;
    } else {
      second = std::max(second, count);
    }
  }
  // Without one of its rows the most frequent class must still be that; no other class then is.
  return static_cast<std::int64_t>(rows.size()) - (first - 1 > second ? first : 0);
}

std::int64_t LabelProbe::wrong_by_value(std::int64_t limit) {
  std::int64_t wrong = 0;
  for (std::size_t g = 0; g < groups_.count() && wrong <= limit; ++g) {
    const auto rows = groups_.group(g);
    count_classes(rows);
    wrong += wrong_in(rows);
    forget_classes(rows);
  }
  return wrong;
}

/// The best ranges, value by value: for each class the least number of wrong rows so far where the
/// range at hand has that class, and how often ranges changed until then.
std::int64_t LabelProbe::wrong_by_range(std::int64_t limit) {
  struct Path {
    std::int64_t cost = 0;
    std::int64_t changes = 0;
  };
  const auto free = static_cast<std::int64_t>(classes_) - 1;
  std::vector<Path> paths(classes_);
  const auto least = [&] {
    return *std::min_element(paths.begin(), paths.end(), [&](const Path& a, const Path& b) {
      return a.cost - std::min(a.changes, free) < b.cost - std::min(b.changes, free);
    });
  };
  const auto wrong_of = [&](const Path& path) { return path.cost - std::min(path.changes, free); };
  for (std::size_t g = 0; g < groups_.count(); ++g) {
    const auto rows = groups_.group(g);
    const auto size = static_cast<std::int64_t>(rows.size());
    count_classes(rows);
    if (groups_.missing && g + 1 == groups_.count()) {
      const auto wrong = size - *std::max_element(counts_.begin(), counts_.end());
      forget_classes(rows);
      return wrong_of(least()) + wrong;
    }
    const auto best = *std::min_element(
        paths.begin(), paths.end(), [](const Path& a, const Path& b) { return a.cost < b.cost; });
    if (best.cost - free > limit) {
      forget_classes(rows);
      break;
    }
    for (std::size_t c = 0; c < classes_; ++c) {
      if (paths[c].cost > best.cost + 1) paths[c] = {best.cost + 1, best.changes + 1};
      paths[c].cost += size - counts_[c];
    }
    forget_classes(rows);
  }
  return wrong_of(least());
}

/// The better of two rules. Neighbours alone would tell any number by the time, of which it is a
/// smooth function with many turns; they count where few lines tell it nearly as well.
double LabelProbe::rank_score(double least) const {
  constexpr double kNearly = 0.995;
  const RankRules rules(groups_, ranks_);
  auto best = rules.by_value(least);
  if (category_ || best >= 1) return best;
  best = std::max(best, rules.by_lines(least));
  return best >= kNearly ? std::max(best, rules.by_neighbours(least)) : best;
}

double LabelProbe::score(std::span<const float> values, bool category, double least) {
  category_ = category;
  groups_ = group_values(values);
  if (!of_classes()) return rank_score(least);
  const auto all = static_cast<double>(others_);
  const auto limit = static_cast<std::int64_t>((1 - least) * all);
  auto wrong = wrong_by_value(limit);
  if (wrong > 0 && !category && classes_ <= kMostRanged)
    wrong = std::min(wrong, wrong_by_range(limit));
  return 1 - static_cast<double>(wrong) / all;
}

double LabelProbe::reversed(double least) const {
  std::vector<std::size_t> order;
  if (category_) {
    order.resize(groups_.count());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> means(groups_.count());
    for (std::size_t g = 0; g < means.size(); ++g) {
      const auto rows = groups_.group(g);
      means[g] = sum_of(rows, ranks_) / static_cast<double>(rows.size());
    }
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return means[a] < means[b]; });
  }
  const auto ranks = ranks_of(groups_, order);
  return RankRules(by_label_, ranks).by_neighbours(least);
}

}  // namespace quern::runtime
