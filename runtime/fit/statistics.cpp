// Passes over values.

#include "runtime/fit/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

namespace quern::runtime {
namespace {

template <typename Take>
void each_value(const EachStretch& each, Take take) {
  each([&](std::span<const double> values) {
    for (const double value : values) {
      if (!std::isnan(value)) take(value);
    }
  });
}

constexpr std::uint64_t kSign = 1ULL << 63;

/// Bits that are ordered as the numbers are.
std::uint64_t to_key(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);  // -0 is 0
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double from_key(std::uint64_t key) {
  return std::bit_cast<double>((key & kSign) != 0 ? key & ~kSign : ~key);
}

/// One value looked for: the one with `rank` values before it among those that begin with `prefix`.
struct Sought {
  std::uint64_t rank = 0;
  std::uint64_t prefix = 0;
};

using Histogram = std::vector<std::uint64_t>;
/// By prefix, those that something is sought in.
using Histograms = std::map<std::uint64_t, Histogram>;

/// Lengthens the prefixes by `bits`, of which `below` bits are then left.
void refine(const EachStretch& each, std::vector<Sought>& sought, int bits, int below) {
  Histograms histograms;
  for (const auto& one : sought) histograms[one.prefix].resize(std::size_t{1} << bits);
  const bool first = bits + below == 64;
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  Histogram* last = nullptr;
  std::uint64_t last_prefix = 0;
  each_value(each, [&](double value) {
    const auto key = to_key(value);
    const auto prefix = first ? 0 : key >> (bits + below);
    if (last == nullptr || prefix != last_prefix) {
      const auto found = histograms.find(prefix);
      if (found == histograms.end()) return;
      last = &found->second;
      last_prefix = prefix;
    }
    ++(*last)[(key >> below) & mask];
  });
  for (auto& one : sought) {
    const auto& histogram = histograms.at(one.prefix);
    std::uint64_t digit = 0;
    for (; one.rank >= histogram[digit]; ++digit) one.rank -= histogram[digit];
    one.prefix = one.prefix << bits | digit;
  }
}

std::vector<double> order_statistics(const EachStretch& each, std::vector<Sought> sought) {
  constexpr int kBits = 11;
  for (int left = 64; left > 0;) {
    const int bits = std::min(kBits, left);
    left -= bits;
    refine(each, sought, bits, left);
  }
  std::vector<double> out;
  for (const auto& one : sought) out.push_back(from_key(one.prefix));
  return out;
}

}  // namespace

Moments moments(const EachStretch& each) {
  Moments out;
  long double sum = 0;
  each_value(each, [&](double value) {
    sum += value;
    ++out.count;
  });
  if (out.count == 0) return out;
  const auto count = static_cast<long double>(out.count);
  const long double mean = sum / count;
  long double squares = 0;
  each_value(each, [&](double value) { squares += (value - mean) * (value - mean); });
  out.mean = static_cast<double>(mean);
  out.deviation = static_cast<double>(std::sqrt(squares / count));
  return out;
}

Range range(const EachStretch& each) {
  Range out;
  each_value(each, [&](double value) {
    out.least = out.count == 0 ? value : std::min(out.least, value);
    out.greatest = out.count == 0 ? value : std::max(out.greatest, value);
    ++out.count;
  });
  return out;
}

std::vector<double> quantiles(const EachStretch& each, const std::vector<double>& shares) {
  std::int64_t count = 0;
  each_value(each, [&](double) { ++count; });
  if (count == 0) return {};
  std::vector<Sought> sought;
  std::vector<double> fractions;
  for (const double share : shares) {
    const double at = static_cast<double>(count - 1) * share;
    const double below = std::floor(at);
    fractions.push_back(at - below);
    sought.push_back({static_cast<std::uint64_t>(below)});
    sought.push_back({static_cast<std::uint64_t>(std::ceil(at))});
  }
  const auto values = order_statistics(each, std::move(sought));
  std::vector<double> out;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double low = values[2 * i];
    out.push_back(low + (values[2 * i + 1] - low) * fractions[i]);
  }
  return out;
}

std::optional<double> mode(const EachStretch& each, std::size_t most) {
  std::unordered_map<double, std::int64_t> counts;
  bool too_many = false;
  each_value(each, [&](double value) {
    if (too_many) return;
    ++counts[value];
    too_many = counts.size() > most;
  });
  if (too_many) return std::nullopt;
  std::pair<double, std::int64_t> best{std::numeric_limits<double>::quiet_NaN(), 0};
  for (const auto& [value, count] : counts) {
    if (count > best.second || (count == best.second && value < best.first)) best = {value, count};
  }
  return best.first;
}

}  // namespace quern::runtime
