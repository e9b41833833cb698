// Thresholds by binary search.

#include "codegen/fusion/pull_back.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <variant>

#include "base/box.h"
#include "codegen/fusion/ordered_bits.h"
#include "codegen/interpret/steps.h"

namespace quern::codegen {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// A logarithm is within one unit of its last digit, which are few values of what it is taken of.
constexpr std::uint64_t kLogarithmSlack = 64;

/// True where a greater value never gives a lesser one: subtraction and division round so.
bool never_falls(const ir::Step& step) {
  const auto scales = [](double from, double by) {
    return std::isfinite(from) && std::isfinite(by) && by > 0;
  };
  return std::visit(Overloaded{
                        [&](const ir::Standardize& s) { return scales(s.mean, s.deviation); },
                        [&](const ir::MinMax& s) { return scales(s.least, s.range); },
                        [](const ir::Logarithm&) { return true; },
                        [](const ir::Impute&) { return true; },
                        [](const ir::Bucket&) { return true; },
                        [](const ir::QuantileBucket&) { return true; },
                        [](const ir::Identity&) { return false; },
                    },
                    step);
}

/// The least number in [begin, end] for which `holds`, as it does for all that follow.
template <typename Holds>
std::optional<std::uint64_t> least(std::uint64_t begin, std::uint64_t end, Holds holds) {
  if (!holds(end)) return std::nullopt;
  while (begin < end) {
    const auto middle = begin + (end - begin) / 2;
    if (holds(middle))
      end = middle;
    else
      begin = middle + 1;
  }
  return end;
}

/// What steps make of one value; NaN where imputing is left out and a logarithm has no value.
double run(const std::vector<ir::Step>& steps, double value, bool impute) {
  std::array<double, 1> held{value};
  for (const auto& step : steps) {
    if (impute || !std::holds_alternative<ir::Impute>(step)) run_step(step, held);
  }
  return held[0];
}

}  // namespace

std::optional<PullBack> PullBack::make(const std::vector<ir::Step>& steps, TypeKind kind) {
  if (!with_number_type(kind, [](auto) {})) return std::nullopt;
  if (!std::all_of(steps.begin(), steps.end(), never_falls)) return std::nullopt;
  PullBack out(steps, kind);
  out.logarithm_ = std::any_of(steps.begin(), steps.end(), [](const ir::Step& step) {
    return std::holds_alternative<ir::Logarithm>(step);
  });
  if (out.logarithm_) out.find_floor();
  return out;
}

float PullBack::feature(double value) const {
  // The last step rounds to float32: so does each of them that stands last.
  return static_cast<float>(run(*steps_, value, true));
}

float PullBack::of_missing() const { return feature(kNaN); }

float PullBack::of_low() const {
  float out = 0;
  with_number_type(kind_, [&]<typename T>(T) {
    const auto bits = static_cast<typename OrderedBits<T>::Bits>(floor_.value_or(0));
    out = feature(static_cast<double>(std::bit_cast<T>(bits)));
  });
  return out;
}

void PullBack::find_floor() {
  with_number_type(kind_, [&]<typename T>(T) {
    using Order = OrderedBits<T>;
    const auto is_there = [&](std::uint64_t number) {
      return !std::isnan(run(*steps_, static_cast<double>(Order::value_of(number)), false));
    };
    const auto found = least(Order::first(), Order::last(), is_there);
    if (!found) floor_ = Order::bits_of(Order::last());
    if (found && *found > Order::first()) floor_ = Order::bits_of(*found - 1);
  });
}

std::optional<std::uint64_t> PullBack::find(float threshold) const {
  std::optional<std::uint64_t> out;
  with_number_type(kind_, [&]<typename T>(T) {
    using Order = OrderedBits<T>;
    const auto low =
        floor_ ? Order::number_of(std::bit_cast<T>(static_cast<typename Order::Bits>(*floor_))) : 0;
    const auto holds = [&](std::uint64_t number) {
      if (floor_ && number <= low) return false;
      return !(feature(static_cast<double>(Order::value_of(number))) < threshold);
    };
    const auto found = least(Order::first(), Order::last(), holds);
    if (!found || *found == Order::first()) return;
    if (logarithm_) {
      const auto end = std::min(*found + kLogarithmSlack, Order::last());
      for (auto near = *found; near < end; ++near) {
        if (!holds(near)) return;
      }
      const auto begin = std::max(*found, Order::first() + kLogarithmSlack) - kLogarithmSlack;
      for (auto near = begin; near < *found; ++near) {
        if (holds(near)) return;
      }
    }
    out = Order::bits_of(*found);
  });
  return out;
}

}  // namespace quern::codegen
