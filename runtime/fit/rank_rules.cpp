// Sorting, and a look at each row.

#include "runtime/fit/rank_rules.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace quern::runtime {
namespace {

constexpr std::uint32_t kMissing = ~std::uint32_t{0};

/// Numbers that are ordered as the values are.
std::uint32_t order_of(float value) {
  if (std::isnan(value)) return kMissing;
  const auto bits = std::bit_cast<std::uint32_t>(value == 0 ? 0.0F : value);  // -0 is 0
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}

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

std::vector<double> ranks_of(const ValueGroups& groups, std::span<const std::size_t> order) {
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

/// Rows for a line, and how far they lie from it.
class RankRules::Line {
 public:
  void add(double at, double value) {
    ++rows_;
    at_ += at;
    value_ += value;
    at_at_ += at * at;
    at_value_ += at * value;
    value_value_ += value * value;
  }
  double rows() const { return rows_; }

  /// Squared distances of rows that did not make the line, nearly: those of the rows that did,
  /// times what two free numbers take from them.
  double residuals() const {
    if (rows_ <= 2) return 0;
    const double spread = at_at_ - at_ * at_ / rows_;
    const double together = at_value_ - at_ * value_ / rows_;
    const double whole = value_value_ - value_ * value_ / rows_;
    const double left = whole - (spread > 0 ? together * together / spread : 0);
    const double factor = rows_ / (rows_ - 2);
    return std::max(left, 0.0) * factor * factor;
  }

 private:
  double rows_ = 0, at_ = 0, value_ = 0, at_at_ = 0, at_value_ = 0, value_value_ = 0;
};

RankRules::RankRules(const ValueGroups& groups, const std::vector<double>& target)
    : groups_(groups),
      target_(target),
      ordered_(groups.count() - (groups.missing ? 1 : 0)),
      middle_((static_cast<double>(target.size()) - 1) / 2) {
  for (const double rank : target_) variance_ += (rank - middle_) * (rank - middle_);
}

double RankRules::mean(std::size_t g) const {
  const auto rows = groups_.group(g);
  return sum_of(rows, target_) / static_cast<double>(rows.size());
}

double RankRules::of_group(std::span<const std::uint32_t> rows) const {
  const double sum = sum_of(rows, target_);
  const auto size = static_cast<double>(rows.size());
  double out = 0;
  for (const auto row : rows) {
    const double distance =
        (target_[row] * size - sum) / (size - 1);  // from the mean of the others
    out += distance * distance;
  }
  return out;
}

double RankRules::of_single(std::size_t g) const {
  const double distance = target_[groups_.group(g)[0]] - middle_;
  return distance * distance;
}

double RankRules::between(std::size_t g) const {
  if (g >= ordered_) return of_single(g);
  if (g == 0 || g + 1 == ordered_) return 0;
  const auto [low, high] = std::minmax({mean(g - 1), mean(g + 1)});
  const double at = target_[groups_.group(g)[0]];
  const double distance = at - std::clamp(at, low, high);
  return distance * distance;
}

double RankRules::by_value(double least) const {
  double residuals = 0;
  for (std::size_t g = 0; g < groups_.count() && share(residuals) >= least; ++g) {
    const auto rows = groups_.group(g);
    residuals += rows.size() == 1 ? of_single(g) : of_group(rows);
  }
  return share(residuals);
}

double RankRules::by_neighbours(double least) const {
  double residuals = 0;
  for (std::size_t g = 0; g < groups_.count() && share(residuals) >= least; ++g) {
    const auto rows = groups_.group(g);
    residuals += rows.size() == 1 ? between(g) : of_group(rows);
  }
  return share(residuals);
}

double RankRules::by_lines(double least) const {
  constexpr double kMostLines = 32;
  constexpr double kLeastRows = 10;
  const auto rows = static_cast<double>(groups_.begins[ordered_]);
  const double enough = std::max(rows / kMostLines, kLeastRows);
  double residuals = 0;
  if (groups_.missing) {
    const auto missing = groups_.group(ordered_);
    residuals = missing.size() == 1 ? of_single(ordered_) : of_group(missing);
  }
  Line line;
  for (std::size_t g = 0; g < ordered_ && share(residuals) >= least; ++g) {
    for (const auto row : groups_.group(g))
      line.add(static_cast<double>(groups_.begins[g] + groups_.begins[g + 1]) / 2 - rows / 2,
               target_[row] - middle_);
    if (line.rows() < enough) continue;
    residuals += line.residuals();
    line = {};
  }
  return share(residuals + line.residuals());
}

}  // namespace quern::runtime
