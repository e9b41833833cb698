// Rules of one feature: a class or a mean for each value, and a class for each range of values.

#include "runtime/fit/label_probe.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace quern::runtime {
namespace {

/// Ranges cost rows * classes; of more classes a feature is judged by its values only.
constexpr std::size_t kMostRanged = 64;

constexpr std::uint32_t kMissing = ~std::uint32_t{0};

/// Numbers that are ordered as the values are.
std::uint32_t order_of(float value) {
  if (std::isnan(value)) return kMissing;
  const auto bits = std::bit_cast<std::uint32_t>(value == 0 ? 0.0F : value);  // -0 is 0
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}

/// Equal values share the mean of their ranks. \param order  of the groups; empty: as they are.
std::vector<double> ranks_of(const ValueGroups& groups, std::span<const std::size_t> order = {}) {
  std::vector<double> out(groups.rows.size());
  double behind = 0;
  for (std::size_t i = 0; i < groups.count(); ++i) {
    const auto group = groups.group(order.empty() ? i : order[i]);
    const auto size = static_cast<double>(group.size());
    for (const auto row : group) out[row] = behind + (size - 1) / 2;
    behind += size;
  }
  return out;
}

double sum_of(std::span<const std::uint32_t> rows, const std::vector<double>& target) {
  double sum = 0;
  for (const auto row : rows) sum += target[row];
  return sum;
}

/// What the groups of a feature tell of a number of each row.
class Explanation {
 public:
  /// \param target   of each row, ranks from 0 up.
  /// \param ordered  neighbours tell of a value that comes once; else nothing does.
  Explanation(const ValueGroups& groups, const std::vector<double>& target, bool ordered)
      : groups_(groups),
        target_(target),
        ordered_(ordered ? groups.count() - (groups.missing ? 1 : 0) : 0),
        middle_((static_cast<double>(target.size()) - 1) / 2) {}

  /// The explained share of the variance; where that is below `least` any number below it.
  double share(double least) const {
    double variance = 0;
    for (const double rank : target_) variance += (rank - middle_) * (rank - middle_);
    if (variance == 0) return 0;
    double residuals = 0;
    for (std::size_t g = 0; g < groups_.count() && residuals <= (1 - least) * variance; ++g)
      residuals += groups_.group(g).size() == 1 ? of_single(g) : of_group(groups_.group(g));
    return 1 - residuals / variance;
  }

 private:
  /// The mean of the other rows of a group tells of each.
  double of_group(std::span<const std::uint32_t> rows) const {
    const double sum = sum_of(rows, target_);
    const auto size = static_cast<double>(rows.size());
    double out = 0;
    for (const auto row : rows) {
      // The distance from the mean of the others.
      const double distance = (target_[row] * size - sum) / (size - 1);
      out += distance * distance;
    }
    return out;
  }

  /// Neighbours tell that a row lies between them.
  double of_single(std::size_t g) const {
    const double at = target_[groups_.group(g)[0]];
    if (g >= ordered_) return (at - middle_) * (at - middle_);
    if (g == 0 || g + 1 == ordered_) return 0;
    const auto [low, high] = std::minmax({mean(g - 1), mean(g + 1)});
    const double distance = at - std::clamp(at, low, high);
    return distance * distance;
  }

  double mean(std::size_t g) const {
    const auto rows = groups_.group(g);
    return sum_of(rows, target_) / static_cast<double>(rows.size());
  }

  const ValueGroups& groups_;
  const std::vector<double>& target_;
  std::size_t ordered_;  ///< groups that have neighbours, the first ones
  double middle_;        ///< the mean of all ranks
};

}  // namespace

namespace {

/// A value's place in the order, and its row.
struct Key {
  std::uint32_t order;
  std::uint32_t row;
};

/// Sorts by radix, 11 bits at a time: a comparing sort of so many features would show.
void sort_keys(std::vector<Key>& keys) {
  constexpr std::size_t kBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kBits;
  std::vector<Key> sorted(keys.size());
  for (std::size_t shift = 0; shift < 32; shift += kBits) {
    const auto digit = [shift](const Key& key) { return (key.order >> shift) % kDigits; };
    std::array<std::uint32_t, kDigits> places{};
    for (const auto& key : keys) ++places[digit(key)];
    if (places[digit(keys.front())] == keys.size()) continue;
    std::exclusive_scan(places.begin(), places.end(), places.begin(), std::uint32_t{0});
    for (const auto& key : keys) sorted[places[digit(key)]++] = key;
    keys.swap(sorted);
  }
}

}  // namespace

ValueGroups group_values(std::span<const float> values) {
  std::vector<Key> keys(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    keys[i] = {order_of(values[i]), static_cast<std::uint32_t>(i)};
  ValueGroups out;
  if (!keys.empty()) sort_keys(keys);
  out.rows.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i == 0 || keys[i].order != keys[i - 1].order)
      out.begins.push_back(static_cast<std::uint32_t>(i));
    out.rows.push_back(keys[i].row);
  }
  out.begins.push_back(static_cast<std::uint32_t>(keys.size()));
  out.missing = !keys.empty() && keys.back().order == kMissing;
  return out;
}

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

double LabelProbe::score(std::span<const float> values, bool category, double least) {
  category_ = category;
  groups_ = group_values(values);
  if (!of_classes()) return Explanation(groups_, ranks_, !category).share(least);
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
  return Explanation(by_label_, ranks, true).share(least);
}

}  // namespace quern::runtime
